import type { AnalysisSummary, DifferenceParams, Edit, FlowParams, MapInfo, TrustMatrix } from '../../protocol/messages';
import type { DataSource } from '../data/source';

/** Where further numbers come from, where somebody can compute them. */
export interface More {
  /** One more method on the text of an analysis; undefined when it was stopped. */
  compute(analysis: string, method: string, target?: string): Promise<MapInfo | undefined>;
  /** How methods agree; undefined when it was stopped. */
  trust(analysis: string, target?: string): Promise<TrustMatrix | undefined>;
  /** The analysis that holds queries, keys and values; undefined when it was stopped. */
  vectors(analysis: string): Promise<string | undefined>;
  /** The analysis that holds the ways from an output token back to the input; undefined when it was stopped. */
  flow(graph: FlowParams): Promise<string | undefined>;
  /** The analysis that holds what two methods give each cell; undefined when it was stopped. */
  difference(methods: DifferenceParams): Promise<string | undefined>;
  /** The text shown again, under changes, and where its numbers are; undefined when it was stopped. */
  change(edits: Edit[]): Promise<{ analysis: AnalysisSummary; source: DataSource } | undefined>;
  /** Stops what is being computed. */
  cancel(): void;
}

/** The numbers of what was computed besides an analysis. */
export type SourceOf = (analysis: string) => DataSource;
