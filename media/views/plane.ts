import type { Rect, Scene } from '../scene/scene';

export interface Point {
  label: string;
  x: number;
  y: number;
  series: number;
}

export interface PlaneInput {
  points: Point[];
  hovered?: number;
  width: number;
  height: number;
}

const margin = 24;
const radius = 5;
const labelled = 40;

/** Places in a plane: only how far they are from each other means something, so there are no axes. */
export function plane(input: PlaneInput): Scene<number> {
  const scene: Scene<number> = { width: input.width, height: input.height, items: [], regions: [] };
  const at = placer(input);
  input.points.forEach((point, i) => {
    const { x, y } = at(point);
    scene.items.push({ kind: 'disc', x, y, radius: i === input.hovered ? radius + 2 : radius, ink: { series: point.series }, opacity: input.hovered === undefined || i === input.hovered ? 0.9 : 0.5 });
    if (input.points.length <= labelled || i === input.hovered)
      scene.items.push({ kind: 'label', text: point.label, x: x + radius + 3, y, align: 'left', angle: 0, role: i === input.hovered ? 'accent' : 'muted', bold: i === input.hovered, axis: 'none' });
    scene.regions.push({ area: { x: x - 9, y: y - 9, width: 18, height: 18 }, meaning: i });
  });
  return scene;
}

/** Where a point is drawn. */
export function areaOfPoint(input: PlaneInput, index: number): Rect {
  const { x, y } = placer(input)(input.points[index]);
  return { x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius };
}

/** The same scale both ways: distances would lie otherwise. */
function placer({ points, width, height }: PlaneInput): (point: Point) => { x: number; y: number } {
  const extent = (values: number[]) => [Math.min(...values), Math.max(...values)];
  const [left, right] = extent(points.map((p) => p.x));
  const [low, high] = extent(points.map((p) => p.y));
  const scale = Math.min((width - 2 * margin - 30) / (right - left || 1), (height - 2 * margin) / (high - low || 1));
  return (point) => ({ x: width / 2 + (point.x - (left + right) / 2) * scale, y: height / 2 - (point.y - (low + high) / 2) * scale });
}
