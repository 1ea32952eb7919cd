import type { DevLook, LossPoint } from '../../protocol/messages';
import type { Ink, Label, Rect, Scene } from '../scene/scene';
import { ticks } from '../toolkit/ticks';

export interface LossCurveInput {
  points: LossPoint[];
  looks: DevLook[];
  /** The look whose model is kept. */
  kept?: number;
  /** Steps in all, as far as is known. */
  total: number;
  hovered?: number;
  width: number;
  height: number;
}

const margin = { left: 52, top: 10, right: 16, bottom: 38 };
const dev: Ink = { series: 1 };
/** Room for an axis number and its neighbours. */
const [columnRoom, rowRoom] = [80, 36];
/** The line of all losses stays behind that without its jumps. */
const faint = 0.55;
const [smoothWidth, rawWidth, radius] = [2, 1, 3.5];
const square = 12;

export function lossArea({ width, height }: Pick<LossCurveInput, 'width' | 'height'>): Rect {
  return { x: margin.left, y: margin.top, width: Math.max(20, width - margin.left - margin.right), height: Math.max(20, height - margin.top - margin.bottom) };
}

/** The ends of the vertical axis: every number that is drawn lies between them. */
export function lossRange({ points, looks }: Pick<LossCurveInput, 'points' | 'looks'>): [number, number] {
  const numbers = [...points.flatMap(({ loss, smoothed }) => [loss, smoothed]), ...looks.map(({ loss }) => loss)];
  const [low, high] = numbers.length > 0 ? [Math.min(...numbers), Math.max(...numbers)] : [0, 1];
  const room = (high - low || Math.abs(high) || 1) * 0.04;
  return [Math.max(Math.min(0, low), low - room), high + room];
}

/** Where a loss at a step is drawn. */
export function lossPlace(input: LossCurveInput, step: number, loss: number): [number, number] {
  const area = lossArea(input);
  const [low, high] = lossRange(input);
  return [area.x + (step / Math.max(1, input.total)) * area.width, area.y + (1 - (loss - low) / (high - low)) * area.height];
}

/** Steps to the right, losses upward: every step's, the same without jumps, and the looks at data that is not trained on. */
export function lossCurve(input: LossCurveInput): Scene<number> {
  const { points, looks, total } = input;
  const area = lossArea(input);
  const scene: Scene<number> = { width: input.width, height: input.height, items: [], regions: [] };
  const bottom = area.y + area.height;
  const label = (text: string, x: number, y: number, align: Label['align'], axis: Label['axis']) => scene.items.push({ kind: 'label', text, x, y, align, angle: 0, role: 'muted', axis });
  const range = lossRange(input);
  const rows = ticks(range, area.height / rowRoom);
  for (const loss of rows) {
    const [, y] = lossPlace(input, 0, loss);
    scene.items.push({ kind: 'box', area: { x: area.x, y: Math.round(y), width: area.width, height: 1 }, fill: 'edge' });
    label(minus(loss), area.x - 6, y, 'right', 'rows');
  }
  for (const step of ticks([0, total], Math.max(1, Math.floor(area.width / columnRoom)))) {
    const [x] = lossPlace(input, step, 0);
    scene.items.push({ kind: 'box', area: { x: Math.round(x), y: bottom, width: 1, height: 4 }, fill: 'muted' });
    label(step.toLocaleString('en'), x, bottom + 13, 'center', 'columns');
  }
  scene.items.push({ kind: 'box', area, stroke: 'edge', width: 1 });
  label('steps', area.x + area.width / 2, bottom + 29, 'center', 'none');
  const along = (value: (point: LossPoint) => number) => points.map((point) => lossPlace(input, middle(point), value(point)));
  scene.items.push({ kind: 'line', points: along(({ loss }) => loss), ink: 'muted', width: rawWidth, opacity: faint });
  scene.items.push({ kind: 'line', points: along(({ smoothed }) => smoothed), ink: 'accent', width: smoothWidth, opacity: 1 });
  for (const look of looks) {
    const [x, y] = lossPlace(input, look.step, look.loss);
    scene.items.push({ kind: 'disc', x, y, radius, ink: dev, opacity: 1 });
    // Not by colour alone: a square around it.
    if (look.step === input.kept) scene.items.push({ kind: 'box', area: { x: x - square / 2, y: y - square / 2, width: square, height: square }, stroke: 'foreground', width: 1 });
  }
  const point = input.hovered === undefined ? undefined : points[input.hovered];
  if (point) {
    const [x, y] = lossPlace(input, middle(point), point.smoothed);
    scene.items.push({ kind: 'box', area: { x: Math.round(x), y: area.y, width: 1, height: area.height }, fill: 'focus', mark: true }, { kind: 'box', area: { x: x - 3, y: y - 3, width: 6, height: 6 }, fill: 'focus', mark: true });
  }
  return scene;
}

/** The point nearest to a place of the plot. */
export function lossPointAt(input: LossCurveInput, x: number, y: number): number | undefined {
  const area = lossArea(input);
  if (input.points.length === 0 || x < area.x - 4 || x > area.x + area.width + 4 || y < area.y || y > area.y + area.height) return undefined;
  const step = ((x - area.x) / area.width) * input.total;
  const after = input.points.findIndex((point) => middle(point) >= step);
  if (after <= 0) return after < 0 ? input.points.length - 1 : 0;
  return step - middle(input.points[after - 1]) < middle(input.points[after]) - step ? after - 1 : after;
}

/** Where a point of several steps is drawn. */
export function middle({ first, step }: LossPoint): number {
  return (first + step) / 2;
}

function minus(value: number): string {
  return `${value}`.replace('-', '−');
}
