import { number } from '../toolkit/labels';
import { areaOfEnd, endAt, lines, prepared, tallestLines, type End, type LinesInput, type Prepared } from '../views/lines';
import type { Surroundings, Telling, View } from '../panel/stage';

const told = 3;

/** Maps as lines between tokens: any token can be pointed at alone, and several kept. */
export class LinesView implements View<End> {
  readonly kind = 'line diagram';
  private readonly prepared: Prepared;

  constructor(
    private readonly given: Pick<LinesInput, 'lines' | 'strands' | 'threshold' | 'allowed' | 'pinned'>,
    private readonly onKeep: (index: number | undefined, add: boolean) => void,
  ) {
    this.prepared = prepared(given);
  }

  get label(): string {
    const { lines: tokens, strands } = this.given;
    return `Lines between ${tokens.length} tokens, ${strands.map((strand) => strand.title).join(', ')}. Use the arrow keys to walk the tokens, Enter to keep one.`;
  }

  tallest(): number {
    return tallestLines(this.given.lines.length);
  }

  scene(around: Surroundings<End>): ReturnType<typeof lines> {
    return lines(this.input(around));
  }

  at(around: Surroundings<End>, x: number, y: number): End | undefined {
    return endAt(this.input(around), x, y);
  }

  tell(around: Surroundings<End>, end: End): Telling | undefined {
    const { lines: tokens, strands, allowed } = this.given;
    const token = tokens[end.index];
    if (!token) return undefined;
    const sums = tokens
      .map((other, i) => {
        const [to, from] = end.side === 'to' ? [end.index, i] : [i, end.index];
        return { other, sum: allowed(to, from) ? strands.reduce((sum, { data }) => sum + data[to * tokens.length + from], 0) / strands.length : 0 };
      })
      .sort((a, b) => b.sum - a.sum)
      .slice(0, told);
    const list = sums.map(({ other, sum }) => `${other.label} ${number(sum)}`).join(', ');
    const verb = end.side === 'to' ? 'draws on' : 'is drawn on by';
    return { text: `${token.label} ${end.side === 'to' ? '←' : '→'} ${list}`, spoken: `${token.label} ${verb} ${list}`, area: areaOfEnd(this.input(around), end), tokens: token.tokens };
  }

  step(end: End | undefined, down: number, right: number): End {
    if (!end) return { side: 'to', index: 0 };
    const side = right > 0 ? 'from' : right < 0 ? 'to' : end.side;
    return { side, index: Math.min(this.given.lines.length - 1, Math.max(0, end.index + down)) };
  }

  same(a: End, b: End): boolean {
    return a.side === b.side && a.index === b.index;
  }

  keep(end: End | undefined, add: boolean): void {
    if (!end || end.side === 'to') this.onKeep(end?.index, add);
  }

  private input(around: Surroundings<End>): LinesInput {
    return { ...around, ...this.given, prepared: this.prepared };
  }
}
