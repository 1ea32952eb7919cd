import type { Surroundings, Telling, View } from '../panel/stage';
import { hit, type Scene } from '../scene/scene';
import { areaOfDose, curve, type CurveInput, type Dose } from '../views/curve';

/** Dose and response of one cell: its points can be walked. */
export class CurveView implements View<number> {
  readonly kind = 'curve';
  readonly label: string;

  constructor(
    private readonly what: string,
    private readonly doses: Dose[],
    private readonly range: [number, number],
    private readonly text: (value: number) => string,
  ) {
    this.label = `Curve of ${what} over ${doses.length} strengths of the mask. Use the arrow keys to walk its points.`;
  }

  scene(around: Surroundings<number>): Scene<number> {
    return curve(this.input(around));
  }

  at(around: Surroundings<number>, x: number, y: number): number | undefined {
    return hit(this.scene(around), x, y)?.meaning;
  }

  tell(around: Surroundings<number>, index: number): Telling | undefined {
    const dose = this.doses[index];
    if (!dose) return undefined;
    const interval = dose.low === undefined || dose.high === undefined ? '' : `   ${this.text(dose.low)} to ${this.text(dose.high)}`;
    const text = `strength ${dose.strength}   ${this.what} ${this.text(dose.value)}${interval}${dose.marked ? '   another answer' : ''}`;
    return { text, spoken: text, area: areaOfDose(this.input(around), index), tokens: [] };
  }

  step(index: number | undefined, down: number, right: number): number {
    return index === undefined ? 0 : Math.min(this.doses.length - 1, Math.max(0, index + (right || down)));
  }

  same(a: number, b: number): boolean {
    return a === b;
  }

  keep(): void {}

  private input(around: Surroundings<number>): CurveInput {
    return { doses: this.doses, range: this.range, text: this.text, hovered: around.hovered, width: around.width, height: around.height };
  }
}
