import { mapOf } from '../data/source';
import { Groups } from '../data/groups';
import type { Line } from '../views/heatmap';
import { resultCaption } from './caption';
import { tokenOf, type Draw } from './drawing';
import { HeatmapView } from './heatmapView';
import { drawMap } from './map';
import { rangeOf } from './matrices';

/** What one token draws on, layer by layer, as Abnar and Zuidema (2020) show it; as a map where a result has no layers. */
export const drawLayers: Draw = async (wanted, tools) => {
  const { analysis, view, column, fresh, sourceOf, current } = wanted;
  const { map, head } = column;
  if (map.axes !== 'map' && map.axes !== 'headMaps') return drawMap(wanted, tools);
  const groups = Groups.of(analysis, view.choice);
  const token = tokenOf(wanted);
  // Special tokens may be hidden: then the first word is looked at.
  const row = Math.max(0, groups.list.findIndex((group) => group.tokens.includes(token)));
  const source = sourceOf(map);
  const maps = await Promise.all(Array.from({ length: map.layers }, (_, layer) => mapOf(source, map, layer, head)));
  if (!current()) return undefined;
  if (fresh) tools.viewport.reset();
  const count = groups.list.length;
  const data = new Float32Array(map.layers * count);
  // The input below, as texts about layers have it.
  maps.forEach(({ data: whole }, layer) => data.set(groups.map(whole).subarray(row * count, (row + 1) * count), (map.layers - 1 - layer) * count));
  const columns = groups.lines();
  const rows = Array.from({ length: map.layers }, (_, i): Line => ({ label: `Layer ${map.layers - i}`, tokens: [] }));
  const name = columns[row]?.label ?? '';
  const title = `${map.title} of ${name}, layer by layer${head === undefined ? '' : `, head ${head + 1}`}`;
  const matrix = { key: `layers ${analysis.id} ${map.analysis ?? ''} ${map.id} ${head ?? ''} ${row} ${view.choice.words} ${view.choice.special}`, rows, columns, data, range: rangeOf(data, map.signed), diverging: map.signed, square: false };
  return {
    title,
    caption: resultCaption(analysis, map, title, 'layers'),
    shown: { matrix, mixing: false },
    scale: true,
    view: new HeatmapView(matrix, [], (cell, add) => cell && tools.onKeep(columns[cell.column].tokens, add), tools.viewport, false),
    alike: !fresh,
  };
};
