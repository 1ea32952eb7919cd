import { heads, places, tallestHeads, type HeadsInput } from '../views/heads';
import type { Surroundings, Telling, View } from '../panel/stage';

/** Heads as thumbnails: each can be pointed at and opened. */
export class HeadsView implements View<number> {
  readonly kind = 'overview of heads';

  constructor(
    private readonly given: Omit<HeadsInput, 'width' | 'height' | 'hovered'>,
    private readonly onKeep: (head: number) => void,
  ) {}

  get label(): string {
    const { groups } = this.given;
    return `${this.given.heads.length} heads${groups.length > 1 ? ` in ${groups.length} groups` : ''}. Use the arrow keys to walk them, Enter to look at one.`;
  }

  tallest(width: number): number {
    return tallestHeads({ ...this.given, width });
  }

  scene(around: Surroundings<number>): ReturnType<typeof heads> {
    return heads(this.input(around));
  }

  at(around: Surroundings<number>, x: number, y: number): number | undefined {
    for (const [head, area] of places(this.input(around)).areas) if (x >= area.x - 3 && y >= area.y - 3 && x < area.x + area.width + 3 && y < area.y + area.height + 3) return head;
    return undefined;
  }

  tell(around: Surroundings<number>, at: number): Telling | undefined {
    const head = this.given.heads[at];
    const area = head && places(this.input(around)).areas.get(at);
    if (!area) return undefined;
    const text = `layer ${head.layer + 1}, head ${head.head + 1}${head.note ? `   ${head.note}` : ''}`;
    return { text, spoken: text, area, tokens: [] };
  }

  /** Along the order shown; up and down by rows where rows are layers. */
  step(at: number | undefined, down: number, right: number): number {
    const order = this.given.groups.flatMap((group) => group.heads);
    const place = at === undefined ? 0 : order.indexOf(at) + right + down * (this.given.perRow ?? 1);
    return at === undefined ? order[0] : order[Math.min(order.length - 1, Math.max(0, place))];
  }

  same(a: number, b: number): boolean {
    return a === b;
  }

  keep(at: number | undefined): void {
    if (at !== undefined) this.onKeep(at);
  }

  private input(around: Surroundings<number>): HeadsInput {
    return { ...this.given, hovered: around.hovered, width: around.width, height: around.height };
  }
}
