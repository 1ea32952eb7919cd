import { hit } from '../scene/scene';
import { areaOfPoint, plane, type PlaneInput, type Point } from '../views/plane';
import type { Surroundings, Telling, View } from '../panel/stage';

/** Heads as points: near ones look at much the same. */
export class PlaneView implements View<number> {
  readonly kind = 'plane';

  constructor(
    private readonly points: Point[],
    private readonly onKeep: (index: number) => void,
  ) {}

  get label(): string {
    return `Plane of ${this.points.length} heads. Use the arrow keys to walk them, Enter to look at one.`;
  }

  scene(around: Surroundings<number>): ReturnType<typeof plane> {
    return plane(this.input(around));
  }

  at(around: Surroundings<number>, x: number, y: number): number | undefined {
    return hit(this.scene(around), x, y)?.meaning;
  }

  tell(around: Surroundings<number>, index: number): Telling | undefined {
    const point = this.points[index];
    if (!point) return undefined;
    const [layer, head] = point.label.split('.');
    const distance = (other: Point) => Math.hypot(other.x - point.x, other.y - point.y);
    const near = this.points.filter((other) => other !== point).sort((a, b) => distance(a) - distance(b)).slice(0, 3);
    const text = `layer ${layer}, head ${head}   near ${near.map((other) => other.label).join(', ')}`;
    return { text, spoken: text, area: areaOfPoint(this.input(around), index), tokens: [] };
  }

  step(index: number | undefined, down: number, right: number): number {
    return index === undefined ? 0 : Math.min(this.points.length - 1, Math.max(0, index + (down || right)));
  }

  same(a: number, b: number): boolean {
    return a === b;
  }

  keep(index: number | undefined): void {
    if (index !== undefined) this.onKeep(index);
  }

  private input(around: Surroundings<number>): PlaneInput {
    return { points: this.points, hovered: around.hovered, width: around.width, height: around.height };
  }
}
