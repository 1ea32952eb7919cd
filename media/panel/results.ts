import type { AnalysisSummary, MapChoice, MapInfo, MethodInfo } from '../../protocol/messages';
import { thumbnailsOf, type DataSource } from '../data/source';
import type { Place } from '../views/overview';

/** One result of a layer that can be chosen: the mean of heads, a head, or a method's only one. */
export interface Column {
  title: string;
  map: MapInfo;
  head?: number;
}

/** What the method picker offers: attention with its heads and their mean is one family, every other method its own. */
export interface Family {
  id: string;
  title: string;
  /** Layers to choose from; 1 where a picture shows all there is. */
  layers: number;
  columns: Column[];
}

const perHead = 'attentions';
const meanOfHeads = 'attention_mean';

/** Methods that give each token one number about the prediction, computed or not; they have a list of their own. */
export function explaining(analysis: AnalysisSummary): Pick<MethodInfo, 'id' | 'title' | 'formula'>[] {
  const methods = analysis.methods.filter((method) => method.axes === 'tokens' && method.explainsPrediction && !method.problem);
  return methods.length > 0 ? methods : analysis.maps.filter((map) => map.axes === 'tokens');
}

/** Methods whose results can be computed when they are chosen. */
export function computable(analysis: AnalysisSummary): MethodInfo[] {
  return analysis.methods.filter((method) => method.axes !== 'tokens' && !analysis.maps.some((map) => map.id === method.id));
}

/** Results that have a square map of the tokens for each layer: the overview can show them. */
export function hasThumbnails(family: Family): boolean {
  return ['map', 'headMaps'].includes(family.columns[0].map.axes);
}

export function familiesOf(analysis: AnalysisSummary): Family[] {
  const find = (id: string) => analysis.maps.find((map) => map.id === id);
  const [heads, mean] = [find(perHead), find(meanOfHeads)];
  const attention: Column[] = [...(mean ? [{ title: 'Mean', map: mean }] : []), ...(heads ? columnsOf(heads) : [])];
  const others = analysis.maps.filter((map) => map !== heads && map !== mean && map.axes !== 'tokens');
  return [
    ...(attention.length > 0 ? [{ id: 'attention', title: 'Attention', layers: attention[0].map.layers, columns: attention }] : []),
    ...others.map((map) => ({ id: map.id, title: map.title, layers: layersOf(map), columns: columnsOf(map) })),
  ];
}

function layersOf(map: MapInfo): number {
  return ['map', 'headMaps', 'headTokens'].includes(map.axes) ? map.layers : 1;
}

function columnsOf(map: MapInfo): Column[] {
  return map.axes === 'headMaps' ? Array.from({ length: map.heads }, (_, head) => ({ title: `${head + 1}`, map, head })) : [{ title: '', map }];
}

/** Where a choice is in the families; the first family's first column where it is nowhere. */
export function locate(families: Family[], choice: MapChoice | undefined): { family: Family; column: Column; place: Place } {
  const matches = (column: Column) => column.map.id === choice?.map && column.head === choice.head;
  const family = families.find((f) => f.columns.some(matches)) ?? families[0];
  const column = Math.max(0, family.columns.findIndex(matches));
  const layer = Math.min(Math.max(0, choice?.layer ?? family.layers - 1), family.layers - 1);
  return { family, column: family.columns[column], place: { layer, column } };
}

/** The choice that a place of a family stands for; how it is read stays. */
export function choose(family: Family, place: Place, before: Partial<MapChoice>): MapChoice {
  const column = family.columns[Math.min(place.column, family.columns.length - 1)];
  const { tokens, words, special } = before;
  return { map: column.map.id, analysis: column.map.analysis, layer: Math.min(place.layer, family.layers - 1), head: column.head, tokens, words, special };
}

/** The thumbnails of a family, layer by layer and column by column. */
export async function thumbnails(sourceOf: (map: MapInfo) => DataSource, family: Family, analysis: AnalysisSummary): Promise<{ size: number; data: Float32Array[] }> {
  const maps = new Map([...new Set(family.columns.map((column) => column.map))].map((map) => [map, thumbnailsOf(sourceOf(map), map, analysis)]));
  const loaded = new Map(await Promise.all([...maps].map(async ([map, promise]) => [map, await promise] as const)));
  const size = Math.min(...[...loaded.values()].map((value) => value.size));
  const data = Array.from({ length: family.layers }, (_, layer) =>
    family.columns.map(({ map, head }) => {
      const all = loaded.get(map)!;
      const cells = all.size * all.size;
      const at = layer * Math.max(1, map.heads) + (head ?? 0);
      return all.data.subarray(at * cells, (at + 1) * cells);
    }),
  ).flat();
  return { size, data };
}

/** The tokens kept after a click on some: those alone, or with `add` beside the others; a second click lets go. */
export function keptAfter(before: number[], clicked: number[], add: boolean): number[] {
  const kept = clicked.some((token) => before.includes(token));
  if (add) return kept ? before.filter((token) => !clicked.includes(token)) : [...before, ...clicked];
  return kept && before.length === clicked.length ? [] : clicked;
}
