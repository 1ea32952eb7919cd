/** How wide texts are in a font. The browser looks at the page's styles for each question, so each is asked once. */
export class Ruler {
  private static readonly most = 4000;
  private readonly context = document.createElement('canvas').getContext('2d')!;
  private readonly widths = new Map<string, number>();
  // Not what the context says its font is: it has its own way of writing it.
  private font = '';

  in(font: string): (text: string) => number {
    if (font !== this.font) {
      this.context.font = this.font = font;
      this.widths.clear();
    }
    return (text) => {
      let width = this.widths.get(text);
      if (width === undefined) {
        if (this.widths.size >= Ruler.most) this.widths.clear();
        this.widths.set(text, (width = this.context.measureText(text).width));
      }
      return width;
    };
  }
}
