import type { Box, Label, Rect, Scene } from '../scene/scene';
import { fit, number, shorter, thin } from '../toolkit/labels';
import type { Viewport } from '../toolkit/viewport';

/** A row or column: what it is called, and the tokens of the text it stands for. */
export interface Line {
  label: string;
  tokens: number[];
}

/** A cell by its place among the lines of both axes. */
export interface Cell {
  row: number;
  column: number;
}

/** Numbers over two axes. */
export interface Matrix {
  /** Equal keys mean equal numbers. */
  key: string;
  rows: Line[];
  columns: Line[];
  /** [rows, columns]. */
  data: Float32Array;
  range: [number, number];
  diverging: boolean;
  /** Both axes are the same lines, so that cells are square and the diagonal means something. */
  square: boolean;
  /** What stands in the cells, where that is not their number. */
  texts?: string[];
  /** Room for the labels of rows and columns, where the usual one is too narrow. */
  room?: { left: number; top: number };
}

export interface HeatmapInput {
  matrix: Matrix;
  hovered?: Cell;
  /** Rows that are kept. */
  selected: number[];
  /** Tokens the editor points at. */
  highlighted: number[];
  width: number;
  height: number;
  viewport: Viewport;
  measure: (text: string) => number;
}

type Layout = Pick<HeatmapInput, 'width' | 'height' | 'matrix' | 'viewport'>;

const gutter = { left: 84, top: 64, right: 26, bottom: 4 };
const narrowGutter = { left: 60, top: 52, right: 18, bottom: 4 };
const lineHeight = 15;
const columnAngle = -45;
const largestCell = 64;
const numberedCell = { width: 40, height: 16 };
/** Between the numbers of neighbours, at least. */
const numberGap = 4;
/** Any number that is written as less than the smallest one written out. */
const tiny = 1e-9;

/** What the cells are drawn in. */
export function mapArea({ width, height, matrix }: Pick<Layout, 'width' | 'height' | 'matrix'>): Rect {
  const usual = width < 400 ? narrowGutter : gutter;
  const g = { ...usual, left: Math.min(matrix.room?.left ?? usual.left, width * 0.45), top: Math.min(matrix.room?.top ?? usual.top, height * 0.45) };
  const [across, down] = [Math.max(40, width - g.left - g.right), Math.max(40, height - g.top - g.bottom)];
  if (matrix.square) return { x: g.left, y: g.top, width: Math.min(across, down), height: Math.min(across, down) };
  return { x: g.left, y: g.top, width: Math.min(across, matrix.columns.length * largestCell), height: Math.min(down, matrix.rows.length * largestCell) };
}

/** The height in which cells are as large as they get in so much width. */
export function tallestMap(width: number, matrix: Matrix): number {
  const area = mapArea({ width, height: Infinity, matrix });
  return area.y + area.height + gutter.bottom;
}

/** Where cell (0, 0) begins and how large a cell is, beyond the edges of the area too. */
function grid(input: Layout): { area: Rect; left: number; top: number; cell: { width: number; height: number } } {
  const area = mapArea(input);
  const { viewport, matrix } = input;
  const [width, height] = [area.width * viewport.zoom, area.height * viewport.zoom];
  return { area, left: area.x - viewport.x * width, top: area.y - viewport.y * height, cell: { width: width / matrix.columns.length, height: height / matrix.rows.length } };
}

/** A heat map with labels on both axes. */
export function heatmap(input: HeatmapInput): Scene<Cell> {
  const { matrix } = input;
  const scene: Scene<Cell> = { width: input.width, height: input.height, items: [], regions: [] };
  if (matrix.rows.length === 0 || matrix.columns.length === 0) return scene;
  const { area, left, top, cell } = grid(input);
  scene.items.push({
    kind: 'texture',
    key: matrix.key,
    data: matrix.data,
    columns: matrix.columns.length,
    rows: matrix.rows.length,
    area: { x: left, y: top, width: cell.width * matrix.columns.length, height: cell.height * matrix.rows.length },
    clip: area,
    range: matrix.range,
    diverging: matrix.diverging,
  });
  scene.items.push({ kind: 'box', area, stroke: 'edge', width: 1 });

  const of = (lines: Line[]) => lines.flatMap((line, i) => (line.tokens.some((token) => input.highlighted.includes(token)) ? [i] : []));
  const [rows, columns] = [of(matrix.rows), of(matrix.columns)];
  const band = (at: number, stroke: Box['stroke'], width: number, axis: 'row' | 'column') => {
    const place = axis === 'row' ? { x: area.x, y: top + at * cell.height, width: area.width, height: cell.height } : { x: left + at * cell.width, y: area.y, width: cell.width, height: area.height };
    scene.items.push({ kind: 'box', area: place, clip: area, stroke, width, mark: true });
  };
  for (const row of rows) band(row, 'muted', 1, 'row');
  for (const row of input.selected) band(row, 'accent', 2, 'row');
  if (input.hovered) {
    band(input.hovered.row, 'focus', 1, 'row');
    band(input.hovered.column, 'focus', 1, 'column');
  }

  if (cell.width >= numberedCell.width && cell.height >= numberedCell.height) writeNumbers(scene, input);
  labelRows(scene, input, [input.hovered?.row, ...input.selected, ...rows]);
  labelColumns(scene, input, [input.hovered?.column, ...columns]);
  scene.regions.push({ area, meaning: { row: -1, column: -1 } });
  return scene;
}

function writeNumbers(scene: Scene<Cell>, input: HeatmapInput): void {
  const { matrix } = input;
  const { area, left, top, cell } = grid(input);
  const [low, high] = matrix.range;
  const fits = (text: string) => input.measure(text) <= cell.width - numberGap;
  // All in the same way, or none: numbers in some cells alone would look as if the others had none.
  const write = matrix.texts ? number : [number, shorter(3), shorter(2)].find((way) => [low, high, low < 0 ? -tiny : tiny].every((value) => fits(way(value))));
  if (!write || !(matrix.texts ?? []).every(fits)) return;
  matrix.rows.forEach((_, row) =>
    matrix.columns.forEach((_, column) => {
      const [x, y] = [left + (column + 0.5) * cell.width, top + (row + 0.5) * cell.height];
      if (x < area.x || y < area.y || x > area.x + area.width || y > area.y + area.height) return;
      const at = row * matrix.columns.length + column;
      const value = matrix.data[at];
      const text = matrix.texts?.[at] ?? (Number.isNaN(value) ? '–' : write(value));
      const share = Number.isNaN(value) ? (matrix.diverging ? 0.5 : 0) : (value - low) / (high - low || 1);
      scene.items.push({ kind: 'label', text, x, y, align: 'center', angle: 0, role: 'foreground', axis: 'none', clip: area, on: { share, diverging: matrix.diverging } });
    }),
  );
}

function labelRows(scene: Scene<Cell>, input: HeatmapInput, named: (number | undefined)[]): void {
  const { area, top, cell } = grid(input);
  const centres = input.matrix.rows.map((_, i) => top + (i + 0.5) * cell.height);
  const strong = [...new Set(named.filter((i) => i !== undefined))];
  for (const i of thin(centres, lineHeight, area.y, area.y + area.height, strong))
    scene.items.push({
      kind: 'label',
      text: fit(input.matrix.rows[i].label, area.x - 12, input.measure),
      x: area.x - 8,
      y: centres[i],
      align: 'right',
      angle: 0,
      role: role(i, strong),
      bold: strong.includes(i),
      axis: 'rows',
    });
}

function labelColumns(scene: Scene<Cell>, input: HeatmapInput, named: (number | undefined)[]): void {
  const { area, left, cell } = grid(input);
  const centres = input.matrix.columns.map((_, i) => left + (i + 0.5) * cell.width);
  const strong = [...new Set(named.filter((i) => i !== undefined))];
  const lean = Math.SQRT1_2;
  for (const i of thin(centres, lineHeight / lean, area.x, area.x + area.width, strong))
    scene.items.push({
      kind: 'label',
      text: fit(input.matrix.columns[i].label, Math.min((area.y - 14) / lean, (input.width - centres[i]) / lean - 4), input.measure),
      x: centres[i],
      y: area.y - 8,
      align: 'left',
      angle: columnAngle,
      role: role(i, strong),
      bold: strong.includes(i),
      axis: 'columns',
    });
}

function role(i: number, strong: number[]): Label['role'] {
  return strong.includes(i) ? 'accent' : 'foreground';
}

/** The cell at a place; undefined outside the map. */
export function cellAt(input: Layout, x: number, y: number): Cell | undefined {
  const { area, left, top, cell } = grid(input);
  const [row, column] = [Math.floor((y - top) / cell.height), Math.floor((x - left) / cell.width)];
  const inside = x >= area.x && y >= area.y && x < area.x + area.width && y < area.y + area.height;
  return inside && input.matrix.rows[row] && input.matrix.columns[column] ? { row, column } : undefined;
}

/** Where a cell is drawn now. */
export function areaOf(input: Layout, at: Cell): Rect {
  const { left, top, cell } = grid(input);
  return { x: left + at.column * cell.width, y: top + at.row * cell.height, width: cell.width, height: cell.height };
}
