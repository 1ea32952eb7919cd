import type { Curve, Label, Rect, Scene } from '../scene/scene';

/** One number for each strength, perhaps with how sure it is. */
export interface Dose {
  strength: number;
  value: number;
  low?: number;
  high?: number;
  /** Something else comes out here than without a mask. */
  marked?: boolean;
}

export interface CurveInput {
  doses: Dose[];
  /** The ends of the vertical axis. */
  range: [number, number];
  text(value: number): string;
  hovered?: number;
  width: number;
  height: number;
}

const margin = { left: 52, top: 12, right: 18, bottom: 36 };
const radius = 4;
/** A curve of a scene leaves and arrives level; pieces this short look straight. */
const piece = 3;

/** What an area of the plot stands for. */
export function plotArea({ width, height }: Pick<CurveInput, 'width' | 'height'>): Rect {
  return { x: margin.left, y: margin.top, width: Math.max(20, width - margin.left - margin.right), height: Math.max(20, height - margin.top - margin.bottom) };
}

/** Where a number at a strength is drawn. */
export function placeOf(input: Pick<CurveInput, 'width' | 'height' | 'range'>, strength: number, value: number): [number, number] {
  const area = plotArea(input);
  const [low, high] = input.range;
  return [area.x + strength * area.width, area.y + (1 - (value - low) / (high - low || 1)) * area.height];
}

/** How strongly a zone is masked to the right, what comes of it upward. */
export function curve(input: CurveInput): Scene<number> {
  const { doses, range, hovered } = input;
  const scene: Scene<number> = { width: input.width, height: input.height, items: [], regions: [] };
  const area = plotArea(input);
  scene.items.push({ kind: 'box', area, stroke: 'edge', width: 1 });
  const label = (text: string, x: number, y: number, align: Label['align'], axis: Label['axis']) => scene.items.push({ kind: 'label', text, x, y, align, angle: 0, role: 'muted', axis });
  const [, zero] = placeOf(input, 0, 0);
  const inside = range[0] < 0 && range[1] > 0;
  if (inside) scene.items.push({ kind: 'box', area: { x: area.x, y: zero, width: area.width, height: 0 }, stroke: 'muted', width: 1 });
  for (const end of inside ? [range[0], 0, range[1]] : range) label(input.text(end), area.x - 6, placeOf(input, 0, end)[1], 'right', 'rows');
  for (const strength of [0, 0.5, 1]) label(`${strength}`, placeOf(input, strength, 0)[0], area.y + area.height + 12, 'center', 'columns');
  label('strength of the mask', area.x + area.width / 2, area.y + area.height + 27, 'center', 'none');
  const places = doses.map((dose) => placeOf(input, dose.strength, dose.value));
  scene.items.push({ kind: 'curves', list: places.slice(1).flatMap((to, i) => straight(places[i], to)) });
  doses.forEach((dose, i) => {
    const [x, y] = places[i];
    if (dose.low !== undefined && dose.high !== undefined) {
      const top = placeOf(input, dose.strength, dose.high)[1];
      scene.items.push({ kind: 'box', area: { x: x - 0.5, y: top, width: 1, height: Math.max(1, placeOf(input, dose.strength, dose.low)[1] - top) }, fill: 'foreground' });
    }
    scene.items.push({ kind: 'disc', x, y, radius: i === hovered ? radius + 2 : radius, ink: 'accent', opacity: 1 });
    // Not by colour alone: a square around it.
    if (dose.marked) scene.items.push({ kind: 'box', area: { x: x - 7, y: y - 7, width: 14, height: 14 }, stroke: 'foreground', width: 1 });
    const half = area.width / Math.max(1, doses.length - 1) / 2;
    scene.regions.push({ area: { x: x - half, y: area.y, width: 2 * half, height: area.height }, meaning: i });
  });
  return scene;
}

function straight(from: [number, number], to: [number, number]): Curve[] {
  const pieces = Math.max(1, Math.ceil(Math.abs(to[0] - from[0]) / piece));
  const at = (i: number): [number, number] => [from[0] + ((to[0] - from[0]) * i) / pieces, from[1] + ((to[1] - from[1]) * i) / pieces];
  return Array.from({ length: pieces }, (_, i) => ({ from: at(i), to: at(i + 1), ink: 'accent', width: 2, opacity: 1 }));
}

/** Where a point is drawn. */
export function areaOfDose(input: CurveInput, index: number): Rect {
  const [x, y] = placeOf(input, input.doses[index].strength, input.doses[index].value);
  return { x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius };
}
