import type { CanvasKit } from 'canvaskit-wasm';
import type { FromStudy, SweepCell, SweepRank, SweepReport } from '../../protocol/messages';
import { copy } from '../panel/clipboard';
import { element } from '../panel/elements';
import { Stage } from '../panel/stage';
import type { Dose } from '../views/curve';
import type { Cell } from '../views/heatmap';
import { CurveView } from './curveView';
import { around, button, CellMap, chance, choice, list, matrixOf, section, signed, table } from './parts';

const measures: [string, string][] = [['f1', 'F1'], ['em', 'EM'], ['probability', 'probability']];
/** What is shown of a cell: all seeds together, how sure that is, or one model. */
const [mean, error] = ['mean', 'error'];
const signs: Record<string, string> = { falls: '●', rises: '▲' };
const inWords: Record<string, string> = { falls: 'masking costs here, for sure', rises: 'masking helps here, for sure', undecided: 'undecided' };
const legend = '● falls, ▲ rises: sure of it after correcting for all cells. In percentage points.';

/** What a sweep over a data set found, so far or in the end. */
export class SweepPage {
  readonly root = element('main', { class: 'study' });
  onSend: (message: FromStudy) => void = () => {};
  private readonly head = element('header', { class: 'answer' });
  private readonly map: CellMap;
  private readonly curve = new Stage();
  private readonly curvePart = element('div', { class: 'curve' }, element('h3', {}, 'Dose and response', element('span', { class: 'quiet' }, ' □ sure of it')), this.curve.root);
  private readonly facts = element('div');
  private readonly measure = choice('Change of', measures, () => this.draw());
  private readonly what = choice('Shown', [], () => this.draw());
  private readonly strength = choice('Strength', [], () => this.draw());
  private readonly goOn = button('Go On', () => this.onSend({ type: 'resume' }));
  private readonly below = element('div', { class: 'parts' });
  private report?: SweepReport;
  private reports = 0;
  private chosen?: Cell;
  private busy = false;

  constructor() {
    this.map = new CellMap(() => (document.body.dataset.drawn = `sweep ${this.reports} ${this.measure.select.value} ${this.what.select.value}`));
    this.map.onChoose = (cell) => {
      this.chosen = cell;
      this.draw();
    };
    const controls = element('div', { class: 'controls' }, this.measure.root, this.what.root, this.strength.root, element('span', { class: 'spring' }), element('span', { class: 'tools' }, this.goOn, button('Export…', () => this.onSend({ type: 'export' }))));
    const details = element('aside', { class: 'cell', 'aria-label': 'The cell chosen', 'aria-live': 'polite' }, this.facts, this.curvePart);
    this.root.append(this.head, controls, element('div', { class: 'beside' }, this.map.root, details), this.below);
  }

  start(kit: CanvasKit): void {
    this.map.start(kit);
    this.curve.start(kit);
  }

  show(report: SweepReport): void {
    this.report = report;
    this.reports++;
    const { run, models, questions } = report;
    this.head.replaceChildren(element('h1', {}, run.title), element('p', {}, run.progress, ...(questions > 0 ? [element('span', { class: 'quiet' }, ` · ${questions} questions that all finished cells have in common`)] : [])), ...(run.problem ? [element('p', { class: 'notice error' }, run.problem)] : []));
    this.what.offer([[mean, 'mean'], [error, 'standard error'], ...(models.length > 1 ? models.map(({ model }, i): [string, string] => [`${i}`, model]) : [])]);
    this.strength.offer(report.strengths.toReversed().map((strength): [string, string] => [`${strength}`, `${strength}`]));
    this.offerMore();
    this.below.replaceChildren(...this.parts(report));
    this.draw();
  }

  /** Whether it is worked on, from here. */
  working(busy: boolean): void {
    this.busy = busy;
    this.offerMore();
  }

  repaint(): void {
    this.map.repaint();
    this.curve.repaint();
  }

  private offerMore(): void {
    const run = this.report?.run;
    this.goOn.hidden = !run || this.busy || run.complete || run.problem !== undefined;
  }

  private at({ row, column }: Cell): { layer: number; zone: string } {
    return { layer: this.report!.layers.toReversed()[row], zone: this.report!.zones[column] };
  }

  private draw(): void {
    const { report } = this;
    if (!report) return;
    const [measure, what, strength] = [this.measure.select.value, this.what.select.value, Number(this.strength.select.value)];
    const of = report.cells.filter((cell) => cell.measure === measure);
    const numberOf = (cell: SweepCell) => (what === mean ? cell.mean : what === error ? cell.standardError : (cell.bySeed[Number(what)] ?? NaN));
    const cellAt = (layer: number, zone: string) => of.find((cell) => cell.layer === layer && cell.zone === zone && cell.strength === strength);
    const shown = report.layers.toReversed().flatMap((layer) => report.zones.map((zone) => cellAt(layer, zone)));
    // What is sure is sure of the mean only.
    const marks = shown.map((cell) => (what === mean && cell ? (signs[cell.verdict] ?? '') : ''));
    const most = Math.max(0, ...of.map((cell) => Math.abs(numberOf(cell)) || 0));
    const value = (layer: number, zone: string) => {
      const cell = cellAt(layer, zone);
      return cell ? numberOf(cell) : NaN;
    };
    const plain = (number: number) => (what === error ? number.toFixed(1) : signed(number, 1));
    const matrix = matrixOf(`sweep ${this.reports} ${measure} ${what} ${strength}`, report.layers, report.zones, value, what === error ? [0, most || 1] : around(most), (number, at) => marks[at] + plain(number));
    const tell = (at: number) => {
      const cell = shown[at];
      return cell ? `${plain(numberOf(cell))}   (${signed(cell.low, 1)} to ${signed(cell.high, 1)})   ${marks[at]}` : 'not finished';
    };
    const say = (at: number) => {
      const cell = shown[at];
      return cell ? `${plain(numberOf(cell))}, ${interval(cell)}, ${inWords[cell.verdict] ?? cell.verdict}` : 'not finished';
    };
    this.map.show({ matrix, marks, tell, say }, this.chosen, what === mean ? legend : 'In percentage points.');
    const place = this.chosen && this.at(this.chosen);
    const title = measures.find(([id]) => id === measure)![1];
    this.showCell(place && { ...place, cell: cellAt(place.layer, place.zone) }, of, title);
  }

  private showCell(place: { layer: number; zone: string; cell?: SweepCell } | undefined, of: SweepCell[], measure: string): void {
    const cell = place?.cell;
    this.curvePart.hidden = true;
    if (!place || !cell) {
      this.facts.replaceChildren(element('p', { class: 'quiet' }, place ? `${place.zone} in layer ${place.layer + 1} is not finished yet.` : 'Choose a cell of the heat map to see what it found.'));
      return;
    }
    const seeds = this.report!.models.map(({ model }, i): string[] => [model, cell.bySeed[i] === undefined ? '–' : signed(cell.bySeed[i], 2)]);
    this.facts.replaceChildren(
      section(
        `${place.zone} in layer ${place.layer + 1}`,
        element('p', {}, `${measure} changes by `, element('strong', {}, signed(cell.mean, 2)), ` percentage points, ${interval(cell)}; ${chance(cell.pValue)} after correction: ${signs[cell.verdict] ?? ''} ${inWords[cell.verdict] ?? cell.verdict}.`),
        table(['model', `change of ${measure}`], seeds, 'The change in each model'),
      ),
    );
    const doses = this.report!.strengths.flatMap((strength): Dose[] => {
      const found = of.find((other) => other.layer === place.layer && other.zone === place.zone && other.strength === strength);
      return found ? [{ strength, value: found.mean, low: found.low, high: found.high, marked: found.verdict in signs }] : [];
    });
    this.curvePart.hidden = doses.length < 2;
    const ends = doses.flatMap(({ low, high }) => [low!, high!]);
    this.curve.show(new CurveView(`change of ${measure}`, doses, [Math.min(0, ...ends), Math.max(0, ...ends)], (value) => signed(value, 1)), false);
  }

  private parts(report: SweepReport): HTMLElement[] {
    const { models, ranking, contrasts, findings, notes, methods } = report;
    const wide = element('div', { class: 'part', hidden: !methods }, element('h2', {}, 'Methods'), element('p', { class: 'methods' }, methods), button('Copy', () => void copy(methods)));
    return [
      section('Without a mask', ...(models.length > 0 ? [table(['model', 'EM', 'F1'], models.map(({ model, em, f1 }) => [model, em.toFixed(1), f1.toFixed(1)]), 'The models without a mask')] : [])),
      section('Zones by what masking them costs', ...(ranking.length > 0 ? [table(['zone', 'change of F1, 95 %', 'how likely each place is'], ranking.map((rank) => [`${rank.rank}. ${rank.zone}`, `${signed(rank.mean, 2)} (${signed(rank.low, 2)} to ${signed(rank.high, 2)})`, places(rank)]), 'The ranking of zones')] : [])),
      section('Planned questions', ...(contrasts.length > 0 ? [table(['question', 'difference of F1, 95 %', 'answer'], contrasts.map((c) => [c.title, `${signed(c.mean, 2)} (${signed(c.low, 2)} to ${signed(c.high, 2)}), ${chance(c.pValue)}`, c.answer]), 'Planned questions')] : [])),
      section('Findings', ...(findings.length > 0 ? [list(findings)] : [])),
      section('Notes', ...(notes.length > 0 ? [list(notes)] : [])),
      wide,
    ];
  }
}

function interval({ low, high }: SweepCell): string {
  return `95 % ${signed(low, 2)} to ${signed(high, 2)}`;
}

/** How likely each place is, as small bars that say their numbers. */
function places({ probabilities }: SweepRank): HTMLElement {
  const bars = probabilities.map((probability, i) => {
    const fill = element('span', { class: 'fill' });
    fill.style.height = `${100 * probability}%`;
    const text = `place ${i + 1}: ${(100 * probability).toFixed(0)} %`;
    return element('span', { class: 'place', role: 'img', 'aria-label': text, title: text }, fill);
  });
  return element('span', { class: 'places' }, ...bars);
}
