import type { AnalysisSummary, MapChoice, MapInfo } from '../../protocol/messages';
import { Groups } from '../data/groups';
import { mapOf, tensorOf, type DataSource } from '../data/source';
import { readable } from '../toolkit/labels';
import { highestOf, largestOf } from '../toolkit/largest';
import type { Line, Matrix } from '../views/heatmap';

/** What is on screen: a matrix, and whether its rows are tokens that draw on its columns. */
export interface Shown {
  matrix: Matrix;
  mixing: boolean;
}

type Wanted = { analysis: AnalysisSummary; source: DataSource; map: MapInfo; choice: MapChoice };

/** Loads the numbers of a choice and lays them out over their axes. */
export async function matrixFor({ analysis, source, map, choice }: Wanted): Promise<Shown> {
  const groups = Groups.of(analysis, choice);
  const tokens = groups.lines();
  const key = `${analysis.id} ${map.analysis ?? ''} ${map.id} ${choice.layer ?? 'strongest'} ${choice.head ?? ''} ${choice.words ?? ''} ${choice.special ?? ''}`;
  const made = (rows: Line[], columns: Line[], data: Float32Array, square: boolean, mixing = false): Shown => ({
    matrix: { key, rows, columns, data, range: rangeOf(data, map.signed), diverging: map.signed, square },
    mixing,
  });
  const whole = async () => (await source.slice(tensorOf(map), [])).data;
  const layer = choice.layer ?? 0;
  switch (map.axes) {
    case 'map':
    case 'headMaps':
      return made(tokens, tokens, groups.map(await squareOf(source, map, choice)), true, true);
    case 'tokenPairs':
      return made(tokens, tokens, groups.map(await whole()), true, true);
    case 'tokens':
      return made([{ label: map.title, tokens: [] }], tokens, groups.columns(await whole()), false);
    case 'layerTokens':
      return made(numbered('Layer', map.layers), tokens, groups.columns(await whole()), false);
    case 'headTokens':
      return made(numbered('Head', map.heads), tokens, groups.columns((await source.slice(tensorOf(map), [layer])).data), false);
    case 'heads':
      return made(numbered('Layer', map.layers), numbered('Head', map.heads), await whole(), false);
    case 'headPatterns':
      return made(headNames(analysis), (map.parts ?? []).map((label): Line => ({ label, tokens: [] })), await whole(), false);
    case 'headPairs': {
      const heads = headNames(analysis);
      return made(heads, heads, await whole(), true);
    }
    case 'tokenVectors': {
      const data = await whole();
      const width = data.length / analysis.tokens.length;
      const kept = groups.list.flatMap((group) => group.tokens);
      const rows = kept.map((token): Line => ({ label: readable(analysis.tokens[token].text), tokens: [token] }));
      return made(rows, numbered('', width), Float32Array.from(kept.flatMap((token) => [...data.subarray(token * width, (token + 1) * width)])), false);
    }
    default:
      throw new Error(`${map.title} cannot be shown as a map.`);
  }
}

/** Each head as "layer.head". */
export function headNames(analysis: AnalysisSummary): Line[] {
  const { layers, heads } = analysis.model;
  return Array.from({ length: layers * heads }, (_, i) => ({ label: `${Math.floor(i / heads) + 1}.${(i % heads) + 1}`, tokens: [] }));
}

/** From nothing to the largest number; of numbers with signs, as far to either side of 0. */
export function rangeOf(data: Float32Array, signed: boolean): [number, number] {
  const most = signed ? largestOf(data) : highestOf(data);
  return [signed ? -most : 0, most];
}

async function squareOf(source: DataSource, map: MapInfo, choice: MapChoice): Promise<Float32Array> {
  if (choice.layer !== undefined) return (await mapOf(source, map, choice.layer, choice.head)).data;
  let strongest: Float32Array | undefined;
  for (let layer = 0; layer < map.layers; layer++) {
    const { data } = await mapOf(source, map, layer, choice.head);
    if (!strongest) strongest = data.slice();
    else for (let i = 0; i < data.length; i++) if (Math.abs(data[i]) > Math.abs(strongest[i])) strongest[i] = data[i];
  }
  return strongest!;
}

function numbered(title: string, count: number): Line[] {
  return Array.from({ length: count }, (_, i) => ({ label: title ? `${title} ${i + 1}` : `${i + 1}`, tokens: [] }));
}

/** The mean of several maps, cell by cell. */
export function meanOf(maps: Float32Array[]): Float32Array {
  return maps[0].map((_, i) => maps.reduce((sum, map) => sum + map[i], 0) / maps.length);
}

/** "Attention rollout, layer 2 of 4". */
export function titleOf(map: MapInfo, choice: MapChoice): string {
  const layered = ['map', 'headMaps', 'headTokens'].includes(map.axes);
  const layer = !layered ? '' : choice.layer === undefined ? ', strongest of all layers' : `, layer ${choice.layer + 1} of ${map.layers}`;
  return `${map.title}${layer}${choice.head === undefined ? '' : `, head ${choice.head + 1}`}`;
}
