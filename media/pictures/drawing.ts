import type { AnalysisSummary, MapInfo, TrustMatrix, ViewState } from '../../protocol/messages';
import type { DataSource } from '../data/source';
import type { View } from '../panel/stage';
import type { Column, Family } from '../panel/results';
import type { Viewport } from '../toolkit/viewport';
import type { Shown } from './matrices';

/** What is to be drawn, and where its numbers come from. */
export interface Wanted {
  analysis: AnalysisSummary;
  view: ViewState;
  families: Family[];
  family: Family;
  column: Column;
  /** Cells lie elsewhere than before. */
  fresh: boolean;
  sourceOf(map: MapInfo): DataSource;
  /** The result of a method, computed where it is not known yet; undefined when it was not to be had after all. */
  computed(method: string): Promise<MapInfo | undefined>;
  /** Queries, keys and values; undefined when they were not to be had after all. */
  vectors(): Promise<DataSource | undefined>;
  trust(): Promise<TrustMatrix | undefined>;
  /** The ways from an output token back to the input. */
  flow(edges: string, source: number, sink: number, layers: number): Promise<DataSource | undefined>;
  /** What two methods give each cell, and what the second gives more. */
  difference(first: string, second: string): Promise<DataSource | undefined>;
  /** False once something newer is wanted. */
  current(): boolean;
}

/** What pictures share, and how readers' choices in them are told. */
export interface Tools {
  viewport: Viewport;
  onChange(view: ViewState): void;
  /** Tokens, or none, are to be kept. */
  onKeep(tokens: number[] | undefined, add: boolean): void;
  /** A head is to be looked at. */
  onHead(layer: number, head: number): void;
}

/** One of the rows of controls that belong to pictures. */
export type ControlsOf = 'lines' | 'model' | 'flow' | 'beside';

/** A picture ready to be drawn, with what is said about it. */
export interface Drawing {
  title: string;
  caption: HTMLElement[];
  /** The numbers beside the picture, and for readers who do not see it. */
  shown: Shown;
  /** Whether its colours are those of the scale. */
  scale: boolean;
  view: View<any>;
  /** What is pointed at stays. */
  alike: boolean;
  controls?: ControlsOf;
  /** Rows that are kept, where they are not those of the tokens kept. */
  kept?: number[];
}

/** Makes a picture; undefined where something newer is wanted meanwhile, or nothing came of it. */
export type Draw = (wanted: Wanted, tools: Tools) => Promise<Drawing | undefined>;

/** The rows of the tokens that are kept. */
export function keptRows({ matrix, mixing }: Shown, view: ViewState): number[] {
  const { tokens } = view.choice;
  return mixing && tokens ? matrix.rows.flatMap((row, i) => (row.tokens.some((token) => tokens.includes(token)) ? [i] : [])) : [];
}

/** The token a picture of one token is about: the one kept, else the one predicted, else the first. */
export function tokenOf({ analysis, view }: Pick<Wanted, 'analysis' | 'view'>): number {
  return view.choice.tokens?.[0] ?? analysis.predictions[0]?.token ?? Math.min(1, analysis.tokens.length - 1);
}

/** Numbers for pictures that are no matrix: none. */
export function noMatrix(key: string): Shown {
  return { matrix: { key, rows: [], columns: [], data: new Float32Array(), range: [0, 1], diverging: false, square: false }, mixing: false };
}
