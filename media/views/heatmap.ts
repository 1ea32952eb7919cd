import type { Box, Label, Rect, Region, Scene } from '../scene/scene';
import { fit, readable, thin } from '../toolkit/labels';
import type { Viewport } from '../toolkit/viewport';

/** A cell of the map by token indices: the row is the token being built, the column what it draws on. */
export interface Cell {
  to: number;
  from: number;
}

export interface HeatmapInput {
  key: string;
  /** The shown map [T,T] over all tokens. */
  data: Float32Array;
  /** Every token's text. */
  tokens: string[];
  /** Indices of the tokens shown, in order. */
  shown: number[];
  range: [number, number];
  hovered?: Cell;
  selected?: number;
  /** Tokens the editor points at. */
  highlighted: number[];
  width: number;
  height: number;
  viewport: Viewport;
  measure: (text: string) => number;
}

const gutter = { left: 84, top: 64, right: 26, bottom: 4 };
const narrowGutter = { left: 60, top: 52, right: 18, bottom: 4 };
const lineHeight = 15;
const columnAngle = -45;

/** The square the cells are drawn in. */
export function mapArea(width: number, height: number): Rect {
  const g = width < 400 ? narrowGutter : gutter;
  const side = Math.max(40, Math.min(width - g.left - g.right, height - g.top - g.bottom));
  return { x: g.left, y: g.top, width: side, height: side };
}

/** The part of a map over the shown tokens. */
export function select(data: Float32Array, tokens: number, shown: number[]): Float32Array {
  if (shown.length === tokens) return data;
  const part = new Float32Array(shown.length * shown.length);
  shown.forEach((to, i) => shown.forEach((from, j) => (part[i * shown.length + j] = data[to * tokens + from])));
  return part;
}

/** A heat map with token labels on both axes. */
export function heatmap(input: HeatmapInput): Scene<Cell> {
  const { shown, viewport } = input;
  const area = mapArea(input.width, input.height);
  const count = shown.length;
  const size = area.width * viewport.zoom;
  const cell = size / count;
  const left = area.x - viewport.x * size;
  const top = area.y - viewport.y * size;
  const scene: Scene<Cell> = { width: input.width, height: input.height, items: [], regions: [] };
  if (count === 0) return scene;

  scene.items.push({
    kind: 'texture',
    key: `${input.key} ${count}`,
    data: input.data,
    columns: count,
    rows: count,
    area: { x: left, y: top, width: size, height: size },
    clip: area,
    range: input.range,
  });

  scene.items.push({ kind: 'box', area, stroke: 'edge', width: 1 });

  const place = (token: number | undefined) => (token === undefined ? -1 : shown.indexOf(token));
  const marked = (token: number | undefined, stroke: Box['stroke'], width: number, axis: 'row' | 'column') => {
    const at = place(token);
    if (at < 0) return;
    const band = axis === 'row' ? { x: area.x, y: top + at * cell, width: area.width, height: cell } : { x: left + at * cell, y: area.y, width: cell, height: area.height };
    scene.items.push({ kind: 'box', area: band, clip: area, stroke, width });
  };
  for (const token of input.highlighted) marked(token, 'muted', 1, 'row');
  marked(input.selected, 'accent', 2, 'row');
  if (input.hovered) {
    marked(input.hovered.to, 'focus', 1, 'row');
    marked(input.hovered.from, 'focus', 1, 'column');
  }

  const centre = (start: number) => shown.map((_, i) => start + (i + 0.5) * cell);
  const strong = [...new Set([input.hovered?.to, input.selected, ...input.highlighted].map(place).filter((i) => i >= 0))];
  const strongColumns = [...new Set([input.hovered?.from, ...input.highlighted].map(place).filter((i) => i >= 0))];
  const role = (i: number, of: number[]): Label['role'] => (of.includes(i) ? 'accent' : 'foreground');

  const rows = centre(top);
  for (const i of thin(rows, lineHeight, area.y, area.y + area.height, strong))
    scene.items.push({
      kind: 'label',
      text: fit(readable(input.tokens[shown[i]]), area.x - 12, input.measure),
      x: area.x - 8,
      y: rows[i],
      align: 'right',
      angle: 0,
      role: role(i, strong),
      bold: strong.includes(i),
      axis: 'rows',
    });

  const columns = centre(left);
  const lean = Math.SQRT1_2;
  for (const i of thin(columns, lineHeight / lean, area.x, area.x + area.width, strongColumns))
    scene.items.push({
      kind: 'label',
      text: fit(readable(input.tokens[shown[i]]), Math.min((area.y - 14) / lean, (input.width - columns[i]) / lean - 4), input.measure),
      x: columns[i],
      y: area.y - 8,
      align: 'left',
      angle: columnAngle,
      role: role(i, strongColumns),
      bold: strongColumns.includes(i),
      axis: 'columns',
    });

  scene.regions.push({ area, meaning: { to: -1, from: -1 } });
  return scene;
}

/** The cell at a place; undefined outside the map. */
export function cellAt(input: Pick<HeatmapInput, 'width' | 'height' | 'shown' | 'viewport'>, x: number, y: number): Cell | undefined {
  const area = mapArea(input.width, input.height);
  const { viewport, shown } = input;
  const column = Math.floor((viewport.x + (x - area.x) / area.width / viewport.zoom) * shown.length);
  const row = Math.floor((viewport.y + (y - area.y) / area.height / viewport.zoom) * shown.length);
  const inside = x >= area.x && y >= area.y && x < area.x + area.width && y < area.y + area.height;
  return inside && shown[row] !== undefined && shown[column] !== undefined ? { to: shown[row], from: shown[column] } : undefined;
}

/** Where a cell is drawn now. */
export function areaOf(input: Pick<HeatmapInput, 'width' | 'height' | 'shown' | 'viewport'>, cell: Cell): Region<Cell> | undefined {
  const row = input.shown.indexOf(cell.to);
  const column = input.shown.indexOf(cell.from);
  if (row < 0 || column < 0) return undefined;
  const area = mapArea(input.width, input.height);
  const size = (area.width * input.viewport.zoom) / input.shown.length;
  const x = area.x - input.viewport.x * area.width * input.viewport.zoom + column * size;
  const y = area.y - input.viewport.y * area.height * input.viewport.zoom + row * size;
  return { area: { x, y, width: size, height: size }, meaning: cell };
}
