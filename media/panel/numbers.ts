import type { MapInfo, TrustMatrix } from '../../protocol/messages';
import type { DataSource } from '../data/source';
import type { More, SourceOf } from './request';

/** Where the numbers of pictures come from: the analysis shown, those computed besides, and what is asked for once and kept. */
export class Numbers {
  private source?: DataSource;
  private readonly others = new Map<string, DataSource>();
  /** What was asked for last, by kind: a reader who goes back and forth between pictures waits once. */
  private readonly kept = new Map<string, { asked: string; found: unknown }>();
  private waiting = 0;

  constructor(
    private readonly sources: SourceOf,
    readonly more: More | undefined,
  ) {}

  /** Whether something is being computed. */
  get busy(): boolean {
    return this.waiting > 0;
  }

  /** Starts over with the numbers of another analysis. */
  open(source: DataSource): void {
    this.source = source;
    this.others.clear();
    this.kept.clear();
  }

  /** Where the numbers of an analysis are that was read already. */
  know(analysis: string, source: DataSource): void {
    this.others.set(analysis, source);
  }

  /** The numbers of a result: in the analysis shown, or in one of its own. */
  of(map: MapInfo): DataSource {
    return map.analysis ? this.in(map.analysis) : this.source!;
  }

  /** Queries, keys and values; undefined where asking was stopped. */
  vectors(analysis: string): Promise<DataSource | undefined> {
    return this.stored('vectors', analysis, 'Neurons', (more) => more.vectors(analysis));
  }

  /** The ways from an output token back to the input. */
  flow(analysis: string, edges: string, source: number, sink: number, layers: number): Promise<DataSource | undefined> {
    return this.stored('flow', [analysis, edges, source, edges === 'flow' ? sink : '', layers].join(' '), 'Flow', (more) => more.flow({ analysis, edges, source, sink, layers }));
  }

  /** What two methods give each cell, and what the second gives more. */
  difference(analysis: string, first: string, second: string, target: string | undefined): Promise<DataSource | undefined> {
    return this.stored('difference', [analysis, first, second, target].join(' '), 'Differences', (more) => more.difference({ analysis, first, second, target }));
  }

  /** How methods agree about a prediction. */
  trust(analysis: string, target: string | undefined): Promise<TrustMatrix | undefined> {
    return this.once('trust', `${analysis} ${target}`, 'Methods', (more) => more.trust(analysis, target));
  }

  /** Counts work, so that it can be told and stopped. */
  async working<Result>(work: () => Promise<Result>): Promise<Result> {
    this.waiting++;
    try {
      return await work();
    } finally {
      this.waiting--;
    }
  }

  private in(analysis: string): DataSource {
    let source = this.others.get(analysis);
    if (!source) this.others.set(analysis, (source = this.sources(analysis)));
    return source;
  }

  private async stored(kind: string, asked: string, what: string, ask: (more: More) => Promise<string | undefined>): Promise<DataSource | undefined> {
    const id = await this.once(kind, asked, what, ask);
    return id === undefined ? undefined : this.in(id);
  }

  private async once<Found>(kind: string, asked: string, what: string, ask: (more: More) => Promise<Found | undefined>): Promise<Found | undefined> {
    const { more } = this;
    if (!more) throw new Error(`${what} can be looked at in the editor only.`);
    const known = this.kept.get(kind);
    if (known?.asked === asked) return known.found as Found;
    const found = await this.working(() => ask(more));
    if (found !== undefined) this.kept.set(kind, { asked, found });
    return found;
  }
}
