import type { MapInfo, TrustMatrix } from '../../protocol/messages';
import type { DataSource } from '../data/source';

/** Where further numbers come from, where somebody can compute them. */
export interface More {
  /** One more method; undefined when it was stopped. */
  compute(method: string, target?: string): Promise<MapInfo | undefined>;
  /** How methods agree; undefined when it was stopped. */
  trust(target?: string): Promise<TrustMatrix | undefined>;
  /** Stops what is being computed. */
  cancel(): void;
}

/** The numbers of what was computed besides an analysis. */
export type SourceOf = (analysis: string) => DataSource;
