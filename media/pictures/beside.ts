import { Groups } from '../data/groups';
import type { MapInfo } from '../../protocol/messages';
import { element } from '../panel/elements';
import { drawMap } from './map';
import { keptRows, type Draw, type Wanted } from './drawing';
import { HeatmapView } from './heatmapView';
import { matrixFor, rangeOf, titleOf } from './matrices';
import { PairView } from './pairView';

/** Two methods side by side, or what the second has more of than the first. */
export const drawBeside: Draw = async (wanted, tools) => {
  const { analysis, view, column, computed, fresh, sourceOf, current } = wanted;
  const { map } = column;
  const other = view.beside === map.id ? undefined : await computed(view.beside!);
  if (!current()) return undefined;
  if (!other || other.axes !== 'map' || (map.axes !== 'map' && map.axes !== 'headMaps')) return drawMap(wanted, tools);
  if (view.difference && map.axes === 'map' && view.choice.layer !== undefined) return drawDifference(wanted, other)(wanted, tools);
  const choice = { ...view.choice, map: other.id, head: undefined };
  const [first, second] = await Promise.all([matrixFor({ analysis, source: sourceOf(map), map, choice: view.choice }), matrixFor({ analysis, source: sourceOf(other), map: other, choice })]);
  if (!current()) return undefined;
  if (fresh) tools.viewport.reset();
  const titles: [string, string] = [titleOf(map, view.choice), titleOf(other, choice)];
  const title = `${titles[0]} | ${titles[1]}`;
  return {
    title,
    caption: [
      element('p', {}, element('strong', {}, `${titles.join(' beside ')}. `), 'Row: the token being built. Column: the token it draws on. Each map has a scale of its own: compare patterns, not brightness.'),
      element('details', {}, element('summary', {}, 'What this does not mean'), element('p', {}, `${map.title}: ${map.caution}`), element('p', {}, `${other.title}: ${other.caution}`)),
    ],
    shown: first,
    scale: false,
    view: new PairView([first.matrix, second.matrix], titles, keptRows(first, view), (cell, add) => tools.onKeep(cell && first.matrix.rows[cell.row].tokens, add), tools.viewport),
    alike: !fresh,
    controls: 'beside',
  };
};

function drawDifference({ column: { map }, difference: ask }: Wanted, other: MapInfo): Draw {
  return async ({ analysis, view, fresh, current }, tools) => {
    const layer = view.choice.layer!;
    const source = await ask(map.id, other.id);
    if (!source || !current()) return undefined;
    const groups = Groups.of(analysis, view.choice);
    const data = groups.sums((await source.slice('difference', [layer])).data);
    if (!current()) return undefined;
    if (fresh) tools.viewport.reset();
    const lines = groups.lines();
    const title = `${other.title} less ${map.title}, layer ${layer + 1} of ${map.layers}`;
    const matrix = { key: `${analysis.id} ${view.changed ?? ''} ${title} ${view.target} ${view.choice.words} ${view.choice.special}`, rows: lines, columns: lines, data, range: rangeOf(data, true), diverging: true, square: true };
    const shown = { matrix, mixing: true };
    return {
      title,
      caption: [
        element('p', {}, element('strong', {}, `${title}. `), `Warm: ${other.title} gives the column's token a larger share of the row than ${map.title} does; cool: a smaller one.`),
        element('details', {}, element('summary', {}, 'What this does not mean'), element('p', {}, 'A difference does not say which of the two is right. Shares of rows are compared, because methods measure in units of their own.')),
      ],
      shown,
      scale: true,
      view: new HeatmapView(matrix, keptRows(shown, view), (cell, add) => tools.onKeep(cell && lines[cell.row].tokens, add), tools.viewport, true),
      alike: !fresh,
      controls: 'beside',
    };
  };
}
