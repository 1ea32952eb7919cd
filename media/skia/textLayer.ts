import { isBright } from '../scene/colour';
import type { Box, Label, Rect, Scene } from '../scene/scene';
import { inked, type Theme } from './theme';

/**
 * Labels, and marks that move with the reader, on a canvas of their own: the browser has the editor's font and every script, which one
 * font file has not, and what lies below need not be drawn again when only they change.
 */
export class TextLayer {
  constructor(private readonly canvas: HTMLCanvasElement) {}

  draw(items: (Label | Box)[], scene: Scene, theme: Theme, density: number): void {
    const { canvas } = this;
    const [width, height] = [Math.round(scene.width * density), Math.round(scene.height * density)];
    const context = canvas.getContext('2d')!;
    context.reset();
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      canvas.style.width = `${scene.width}px`;
      canvas.style.height = `${scene.height}px`;
    }
    context.scale(density, density);
    context.textBaseline = 'middle';
    // Marks lie below the letters.
    for (const item of items) if (item.kind === 'box') drawMark(context, item, theme);
    // A font is looked up in the page's styles each time it is set, so it is set twice and not for each label.
    for (const bold of [false, true]) {
      const labels = items.filter((item): item is Label => item.kind === 'label' && (item.bold ?? false) === bold);
      if (labels.length > 0) context.font = `${bold ? '600 ' : ''}${theme.font}`;
      for (const label of labels) drawLabel(context, label, theme);
    }
  }
}

function drawMark(context: CanvasRenderingContext2D, mark: Box, theme: Theme): void {
  if (!mark.stroke) return;
  context.save();
  clipTo(context, mark.clip);
  context.strokeStyle = inked(theme, mark.stroke);
  context.lineWidth = mark.width ?? 1;
  context.strokeRect(mark.area.x, mark.area.y, mark.area.width, mark.area.height);
  context.restore();
}

function drawLabel(context: CanvasRenderingContext2D, label: Label, theme: Theme): void {
  context.save();
  clipTo(context, label.clip);
  context.fillStyle = label.on ? (isBright(theme.scale, label.on.share, label.on.diverging) ? '#000' : '#fff') : theme.colours[label.role];
  context.textAlign = label.align;
  context.translate(label.x, label.y);
  context.rotate((label.angle * Math.PI) / 180);
  context.fillText(label.text, 0, 0);
  context.restore();
}

function clipTo(context: CanvasRenderingContext2D, clip: Rect | undefined): void {
  if (!clip) return;
  context.beginPath();
  context.rect(clip.x, clip.y, clip.width, clip.height);
  context.clip();
}
