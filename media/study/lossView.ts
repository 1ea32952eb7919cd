import type { DevLook, LossPoint, TrainingReport } from '../../protocol/messages';
import type { Surroundings, Telling, View } from '../panel/stage';
import type { Scene } from '../scene/scene';
import { lossCurve, lossPlace, lossPointAt, middle, type LossCurveInput } from '../views/lossCurve';

const tall = 340;

/** The course of a training: its points can be walked. */
export class LossView implements View<number> {
  readonly kind = 'curve';
  readonly label: string;

  constructor(private readonly report: TrainingReport) {
    this.label = `Curve of the loss over ${report.step.toLocaleString('en')} steps. Use left and right to walk its points, up and down to go from look to look.`;
  }

  height(): number {
    return tall;
  }

  scene(around: Surroundings<number>): Scene<number> {
    return lossCurve(this.input(around));
  }

  at(around: Surroundings<number>, x: number, y: number): number | undefined {
    return lossPointAt(this.input(around), x, y);
  }

  tell(around: Surroundings<number>, index: number): Telling | undefined {
    const point = this.report.points[index];
    if (!point) return undefined;
    const [x, y] = lossPlace(this.input(around), middle(point), point.smoothed);
    const looks = this.report.looks.filter((look) => within(look, point));
    const parts = told(point, looks, this.report.kept);
    return { text: parts.join('   '), spoken: parts.join(', '), area: { x: x - 3, y: y - 3, width: 6, height: 6 }, tokens: [] };
  }

  step(index: number | undefined, down: number, right: number): number | undefined {
    const { points, looks } = this.report;
    if (points.length === 0) return undefined;
    const last = points.length - 1;
    if (index === undefined) return right < 0 || down < 0 ? last : 0;
    if (!down) return Math.min(last, Math.max(0, index + right));
    const places = looks.map((look) => points.findIndex((point) => within(look, point)));
    return (down > 0 ? places.find((place) => place > index) : places.findLast((place) => place >= 0 && place < index)) ?? index;
  }

  same(a: number, b: number): boolean {
    return a === b;
  }

  keep(): void {}

  private input({ width, height, hovered }: Surroundings<number>): LossCurveInput {
    const { points, looks, kept, total } = this.report;
    return { points, looks, kept, total, width, height, hovered };
  }
}

/** What there is to say of a point. */
export function told(point: LossPoint, looks: DevLook[], kept?: number): string[] {
  const { first, step, loss, low, high, smoothed, rate } = point;
  const steps = first === step ? `step ${step.toLocaleString('en')}` : `steps ${first.toLocaleString('en')} to ${step.toLocaleString('en')}`;
  return [
    steps,
    first === step ? `loss ${loss.toFixed(3)}` : `mean loss ${loss.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`,
    `smoothed ${smoothed.toFixed(3)}`,
    `rate ${rate.toExponential(1)}`,
    ...looks.map((look) => `dev loss ${look.loss.toFixed(3)}, ${(100 * look.accuracy).toFixed(1)} % right${look.step === kept ? ' (kept)' : ''}`),
  ];
}

function within(look: DevLook, { first, step }: LossPoint): boolean {
  return look.step >= first && look.step <= step;
}
