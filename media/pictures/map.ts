import type { AnalysisSummary, MapInfo } from '../../protocol/messages';
import { tensorOf } from '../data/source';
import type { Cell } from '../views/heatmap';
import { allowedBy, type Strand } from '../views/lines';
import { resultCaption } from './caption';
import { keptRows, noMatrix, type Draw, type Tools, type Wanted } from './drawing';
import { HeatmapView } from './heatmapView';
import { LinesView } from './linesView';
import { headNames, matrixFor, meanOf, titleOf, type Shown } from './matrices';
import { PlaneView } from './planeView';

/** The result chosen, as a heat map; as a plane of heads where that is what it is. */
export const drawMap: Draw = async (wanted, tools) => {
  const { analysis, view, column, fresh, sourceOf, current } = wanted;
  const { map } = column;
  if (map.axes === 'headPlane') return drawPlane(wanted, tools);
  const shown = await matrixFor({ analysis, source: sourceOf(map), map, choice: view.choice });
  if (!current()) return undefined;
  if (fresh) tools.viewport.reset();
  const title = titleOf(map, view.choice);
  return {
    title,
    caption: resultCaption(analysis, map, title, shown.mixing ? 'map' : 'other'),
    shown,
    scale: true,
    view: new HeatmapView(shown.matrix, keptRows(shown, view), (cell, add) => clicked(analysis, map, shown, cell, add, tools), tools.viewport, shown.mixing),
    alike: !fresh,
    controls: map.axes === 'map' || map.axes === 'headMaps' ? 'beside' : undefined,
  };
};

/** The result chosen as lines between tokens, several heads at once; as a map where it is not about pairs of tokens. */
export const drawLines: Draw = async (wanted, tools) => {
  const { analysis, view, column, fresh, sourceOf, current } = wanted;
  const { map } = column;
  const shown = map.axes === 'headPlane' ? undefined : await matrixFor({ analysis, source: sourceOf(map), map, choice: view.choice });
  if (!shown?.mixing) return drawMap(wanted, tools);
  const strands = await strandsOf(wanted, shown);
  if (!current()) return undefined;
  const several = strands.length > 1;
  const title = several ? `${titleOf(map, { ...view.choice, head: undefined })}, ${strands.map((strand) => strand.title).join(' + ')}` : titleOf(map, view.choice);
  const { rows } = shown.matrix;
  const first = rows.map((row) => analysis.tokens[row.tokens[0]]);
  const allowed = allowedBy(view.between, first.map((token) => token.segment), first.map((token) => token.special));
  return {
    title,
    caption: resultCaption(analysis, map, title, 'lines'),
    shown: several ? { ...shown, matrix: { ...shown.matrix, data: meanOf(strands.map((strand) => strand.data)) } } : shown,
    scale: false,
    view: new LinesView({ lines: rows, strands, threshold: view.threshold ?? 0, pinned: keptRows(shown, view), allowed }, (index, add) => tools.onKeep(index === undefined ? undefined : rows[index].tokens, add)),
    alike: !fresh,
    controls: 'lines',
  };
};

const drawPlane: Draw = async ({ analysis, view, column: { map }, sourceOf, current }, tools) => {
  const { data } = await sourceOf(map).slice(tensorOf(map), []);
  if (!current()) return undefined;
  const { heads } = analysis.model;
  const points = headNames(analysis).map(({ label }, i) => ({ label, x: data[2 * i], y: data[2 * i + 1], series: Math.floor(i / heads) }));
  const title = titleOf(map, view.choice);
  return {
    title,
    caption: resultCaption(analysis, map, title, 'other'),
    shown: noMatrix(title),
    scale: false,
    view: new PlaneView(points, (index) => tools.onHead(Math.floor(index / heads), index % heads)),
    alike: false,
  };
};

/** The maps whose lines are drawn: of the heads chosen, or of the one on screen. */
async function strandsOf({ analysis, view, family, column, sourceOf }: Wanted, shown: Shown): Promise<Strand[]> {
  const heads = family.columns.filter((other) => other.head !== undefined && view.heads?.includes(other.head));
  if (heads.length === 0) return [{ title: column.head === undefined ? column.map.title : `head ${column.head + 1}`, data: shown.matrix.data, ink: column.head === undefined ? 'accent' : { series: column.head } }];
  return Promise.all(
    heads.map(async (other) => {
      const { matrix } = await matrixFor({ analysis, source: sourceOf(other.map), map: other.map, choice: { ...view.choice, map: other.map.id, head: other.head } });
      return { title: `head ${other.head! + 1}`, data: matrix.data, ink: { series: other.head! } };
    }),
  );
}

function clicked({ model }: AnalysisSummary, map: MapInfo, shown: Shown, cell: Cell | undefined, add: boolean, tools: Tools): void {
  if (cell && (map.axes === 'heads' || map.axes === 'headPatterns')) tools.onHead(...headAt(map, cell, model.heads));
  else if (cell && map.axes === 'headPairs') tools.onHead(Math.floor(cell.row / model.heads), cell.row % model.heads);
  else if (shown.mixing) tools.onKeep(cell && shown.matrix.rows[cell.row].tokens, add);
}

function headAt(map: MapInfo, cell: Cell, heads: number): [number, number] {
  return map.axes === 'heads' ? [cell.row, cell.column] : [Math.floor(cell.row / heads), cell.row % heads];
}
