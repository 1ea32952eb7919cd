import type { AnalysisSummary, MapChoice, TokenInfo } from '../../protocol/messages';
import { readable } from '../toolkit/labels';
import type { Line } from '../views/heatmap';

/** Tokens read as one: a word, or a single token. */
export interface Group {
  text: string;
  tokens: number[];
  special: boolean;
}

/**
 * How the tokens of a text are put together, as the server does: what a word is drawn on is the sum over its tokens, what it draws
 * their mean; without special tokens, rows can be made to sum to 1 again.
 */
export class Groups {
  private constructor(
    readonly tokens: number,
    readonly list: Group[],
    private readonly renormalise: boolean,
  ) {}

  static of(analysis: Pick<AnalysisSummary, 'tokens' | 'text' | 'pair'>, choice: Pick<MapChoice, 'words' | 'special'>): Groups {
    const { tokens } = analysis;
    const list: Group[] = [];
    for (let i = 0; i < tokens.length; ) {
      let end = i + 1;
      if (choice.words) while (end < tokens.length && sameWord(tokens[i], tokens[end])) end++;
      if (!tokens[i].special || (choice.special ?? 'keep') === 'keep')
        list.push({ text: end - i > 1 ? spelled(analysis, i, end) : tokens[i].text, tokens: Array.from({ length: end - i }, (_, k) => i + k), special: tokens[i].special });
      i = end;
    }
    return new Groups(tokens.length, list, choice.special === 'renormalise');
  }

  /** Every token on its own: a map is what it is. */
  get plain(): boolean {
    return this.list.length === this.tokens;
  }

  /** A map [T,T] as one of groups [G,G]. */
  map(data: Float32Array): Float32Array {
    if (this.plain) return data;
    const { list } = this;
    const read = new Float32Array(list.length * list.length);
    list.forEach((to, row) => {
      let whole = 0;
      list.forEach((from, column) => {
        let sum = 0;
        for (const i of to.tokens) for (const j of from.tokens) sum += data[i * this.tokens + j];
        sum /= to.tokens.length;
        read[row * list.length + column] = sum;
        whole += sum;
      });
      if (this.renormalise && whole !== 0) for (let column = 0; column < list.length; column++) read[row * list.length + column] /= whole;
    });
    return read;
  }

  /** A map [T,T] of shares as one of groups, whatever its rows sum to. */
  sums(data: Float32Array): Float32Array {
    return new Groups(this.tokens, this.list, false).map(data);
  }

  /** The groups as lines of a picture. */
  lines(): Line[] {
    return this.list.map((group) => ({ label: readable(group.text), tokens: group.tokens }));
  }

  /** Numbers [N,T] as [N,G]: sums over each group. */
  columns(data: Float32Array): Float32Array {
    if (this.plain) return data;
    const rows = data.length / this.tokens;
    const read = new Float32Array(rows * this.list.length);
    for (let row = 0; row < rows; row++)
      this.list.forEach((group, column) => {
        for (const token of group.tokens) read[row * this.list.length + column] += data[row * this.tokens + token];
      });
    return read;
  }
}

function sameWord(first: TokenInfo, next: TokenInfo): boolean {
  return !first.special && !next.special && first.word >= 0 && next.word === first.word && next.segment === first.segment;
}

function spelled({ tokens, text, pair }: Pick<AnalysisSummary, 'tokens' | 'text' | 'pair'>, first: number, end: number): string {
  const member = tokens[first].segment === 'passage' ? (pair ?? text) : text;
  const [from, to] = [tokens[first].start, tokens[end - 1].end];
  return to <= from || to > member.length ? tokens.slice(first, end).map((token) => token.text).join('') : member.slice(from, to);
}
