import type { AnalysisSummary, MapChoice, MapInfo, MethodInfo } from '../../protocol/messages';
import { thumbnailsOf, type DataSource } from '../data/source';
import type { Place } from '../views/overview';

/** One map of a layer that can be chosen: the mean of heads, a head, or a method's only map. */
export interface Column {
  title: string;
  map: MapInfo;
  head?: number;
}

/** What the method picker offers: attention with its heads and their mean is one family, every other method its own. */
export interface Family {
  id: string;
  title: string;
  layers: number;
  columns: Column[];
}

const perHead = 'attentions';
const meanOfHeads = 'attention_mean';

/** Methods whose maps can be computed when they are chosen. */
export function computable(analysis: AnalysisSummary): MethodInfo[] {
  return analysis.methods.filter((method) => method.axes === 'map' && !analysis.maps.some((map) => map.id === method.id));
}

/** Methods that give each token one number about the prediction. */
export function explaining(analysis: AnalysisSummary): MethodInfo[] {
  return analysis.methods.filter((method) => method.axes === 'tokens' && method.explainsPrediction && !method.problem);
}

export function familiesOf(analysis: AnalysisSummary): Family[] {
  const find = (id: string) => analysis.maps.find((map) => map.id === id);
  const [heads, mean] = [find(perHead), find(meanOfHeads)];
  const attention: Column[] = [];
  if (mean) attention.push({ title: 'Mean', map: mean });
  if (heads) for (let head = 0; head < heads.heads; head++) attention.push({ title: `${head + 1}`, map: heads, head });
  const others = analysis.maps.filter((map) => map !== heads && map !== mean && map.axes === 'map');
  return [
    ...(attention.length > 0 ? [{ id: 'attention', title: 'Attention', layers: attention[0].map.layers, columns: attention }] : []),
    ...others.map((map) => ({ id: map.id, title: map.title, layers: map.layers, columns: [{ title: '', map }] })),
  ];
}

/** Where a choice is in the families; the first family's first column where it is nowhere. */
export function locate(families: Family[], choice: MapChoice | undefined): { family: Family; column: Column; place: Place } {
  const matches = (column: Column) => column.map.id === choice?.map && column.head === choice.head;
  const family = families.find((f) => f.columns.some(matches)) ?? families[0];
  const column = Math.max(0, family.columns.findIndex(matches));
  const layer = Math.min(Math.max(0, choice?.layer ?? family.layers - 1), family.layers - 1);
  return { family, column: family.columns[column], place: { layer, column } };
}

/** The choice that a place of a family stands for; the tokens looked at stay. */
export function choose(family: Family, place: Place, tokens: number[] | undefined): MapChoice {
  const column = family.columns[Math.min(place.column, family.columns.length - 1)];
  return { map: column.map.id, analysis: column.map.analysis, layer: Math.min(place.layer, family.layers - 1), head: column.head, tokens };
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
