import type { CanvasKit } from 'canvaskit-wasm';
import type { FromStudy, ZoneCell, ZoneReport } from '../../protocol/messages';
import { element } from '../panel/elements';
import { Stage } from '../panel/stage';
import type { Dose } from '../views/curve';
import type { Cell } from '../views/heatmap';
import { CurveView } from './curveView';
import { around, button, minus, CellMap, choice, list, matrixOf, section, signed, table } from './parts';

interface Metric {
  title: string;
  digits: number;
  /** As it stands in a cell, where there is little room. */
  short(delta: number): string;
  delta(cell: ZoneCell): number;
  masked(cell: ZoneCell): number;
  plain(report: ZoneReport): number;
}

const metrics: Record<string, Metric> = {
  probability: { title: 'probability', digits: 3, short: (delta) => signed(delta, 2).replace('0.', '.'), delta: (cell) => cell.deltaProbability, masked: (cell) => cell.probability, plain: (report) => report.answer.probability },
  start: { title: 'start logit', digits: 2, short: (delta) => signed(delta, 1), delta: (cell) => cell.startDelta, masked: (cell) => cell.startLogit, plain: (report) => report.startLogit },
  end: { title: 'end logit', digits: 2, short: (delta) => signed(delta, 1), delta: (cell) => cell.endDelta, masked: (cell) => cell.endLogit, plain: (report) => report.endLogit },
};

/** Zones that are asked for together. */
const columns: [string, string, string[]][] = [
  ['paper', 'The five of the paper', ['Q2', 'Q2P', 'P2Q', 'P2', 'ALL']],
  ['strict', 'Cross zones without special tokens', ['Q2', 'Q2P_strict', 'P2Q_strict', 'P2', 'ALL']],
  ['special', 'Special tokens', ['CLS_key', 'SEP_key', 'CLS_query', 'SEP_query']],
];

const caution = [
  'One example is one example. A falling probability says that this model uses the zone for this answer, not that the answer is right, nor what other questions need: run a sweep for that.',
  'A zone with few tokens takes less away than one with many. Compare a zone with itself across layers before you compare zones.',
];

/** What masking each zone in each layer does to the answer of one question. */
export class ZonesPage {
  readonly root = element('main', { class: 'study' });
  onSend: (message: FromStudy) => void = () => {};
  private readonly answer = element('header', { class: 'answer' });
  private readonly map: CellMap;
  private readonly curve = new Stage();
  private readonly curvePart = element('div', { class: 'curve' }, element('h3', {}, 'Dose and response', element('span', { class: 'quiet' }, ' □ another answer')), this.curve.root);
  private readonly facts = element('div');
  private readonly tools = element('div', { class: 'tools' });
  private readonly notes = element('div', { class: 'caption' });
  private readonly metric = choice('Change of', Object.entries(metrics).map(([id, { title }]): [string, string] => [id, title]), () => this.draw());
  private readonly strength = choice('Strength', [], () => this.draw());
  private readonly zones = choice('Zones', columns.map(([id, title]): [string, string] => [id, title]), () => this.again());
  private readonly mode = choice('Masked', [['score', 'before the softmax'], ['probability', 'after the softmax']], () => this.again());
  private readonly own = element('input', { type: 'text', 'aria-label': 'And a zone of your own', placeholder: String.raw`question <- passage:/\d{4}/`, spellcheck: 'false', title: 'Queries <- keys: question, passage, special, cls, sep, token numbers, a /pattern/; docs/ZONES.md has them all' });
  private report?: ZoneReport;
  private reports = 0;
  private chosen?: Cell;

  constructor() {
    this.map = new CellMap(() => (document.body.dataset.drawn = `zones ${this.reports} ${this.metric.select.value} ${this.strength.select.value}`));
    this.map.onChoose = (cell) => {
      this.chosen = cell;
      this.draw();
    };
    const controls = element('div', { class: 'controls' }, this.metric.root, this.strength.root, this.zones.root, element('label', { class: 'check' }, 'and ', this.own), this.mode.root);
    this.own.addEventListener('change', () => this.again());
    const details = element('aside', { class: 'cell', 'aria-label': 'The cell chosen', 'aria-live': 'polite' }, this.facts, this.curvePart, this.tools);
    this.root.append(this.answer, controls, element('div', { class: 'beside' }, element('div', {}, this.map.root, this.notes), details));
  }

  start(kit: CanvasKit): void {
    this.map.start(kit);
    this.curve.start(kit);
  }

  show(report: ZoneReport): void {
    const alike = this.report?.question === report.question && this.report.zones.map((zone) => zone.id).join() === report.zones.map((zone) => zone.id).join();
    this.report = report;
    this.reports++;
    this.answer.replaceChildren(
      element('h1', {}, report.question),
      element('p', {}, element('strong', {}, quoted(report.answer.text)), ` with probability ${report.answer.probability.toFixed(3)}, without a mask`, element('span', { class: 'quiet' }, ` · ${report.model.name} on ${report.device}`)),
    );
    this.strength.offer(report.strengths.filter((strength) => strength > 0).toReversed().map((strength): [string, string] => [`${strength}`, `${strength}`]));
    this.mode.select.value = report.mode;
    if (!alike) this.chosen = this.strongest();
    this.notes.replaceChildren(
      element('p', {}, `${report.reading} `, ...report.notes.flatMap((note) => [note, ' '])),
      element('details', {}, element('summary', {}, 'What this does not mean'), ...caution.map((text) => element('p', {}, text)), element('p', { class: 'quiet' }, `${report.formula} · ${report.paper}`)),
    );
    this.draw();
  }

  repaint(): void {
    this.map.repaint();
    this.curve.repaint();
  }

  private again(): void {
    const zones = columns.find(([id]) => id === this.zones.select.value)![2];
    const text = this.own.value.trim();
    const [queries, keys] = text.split(/<-|←/).map((part) => part.trim());
    // Without an arrow, tokens draw on each other.
    const own = text ? [{ name: 'own', queries: queries || undefined, keys: (keys ?? queries) || undefined }] : undefined;
    this.onSend({ type: 'again', zones, own, mode: this.mode.select.value });
  }

  private cellAt(layer: number, zone: string, strength: number): ZoneCell | undefined {
    return this.report!.cells.find((cell) => cell.layer === layer && cell.zone === zone && cell.strength === strength);
  }

  private at({ row, column }: Cell): { layer: number; zone: string } {
    const { layers, zones } = this.report!;
    return { layer: layers.toReversed()[row], zone: zones[column].id };
  }

  /** The cell that changes most is looked at first. */
  private strongest(): Cell | undefined {
    const { layers, zones, cells } = this.report!;
    const full = cells.filter((cell) => cell.strength === Number(this.strength.select.value));
    const [most] = full.sort((a, b) => Math.abs(b.deltaProbability) - Math.abs(a.deltaProbability));
    return most && { row: layers.toReversed().indexOf(most.layer), column: zones.findIndex((zone) => zone.id === most.zone) };
  }

  private draw(): void {
    const { report } = this;
    if (!report) return;
    const metric = metrics[this.metric.select.value];
    const strength = Number(this.strength.select.value);
    const zones = report.zones.map((zone) => zone.id);
    const shown = report.layers.toReversed().flatMap((layer) => zones.map((zone) => this.cellAt(layer, zone, strength)));
    const marks = shown.map((cell) => (cell?.changed ? '*' : ''));
    // One scale for all strengths, so that they can be compared.
    const most = Math.max(...report.cells.map((cell) => Math.abs(metric.delta(cell))));
    const value = (layer: number, zone: string) => {
      const cell = this.cellAt(layer, zone, strength);
      return cell ? metric.delta(cell) : NaN;
    };
    const matrix = matrixOf(`zones ${this.reports} ${metric.title} ${strength}`, report.layers, zones, value, around(most), (number, at) => marks[at] + metric.short(number));
    const tell = (at: number) => (shown[at] ? `${signed(metric.delta(shown[at]), metric.digits)}   ${marks[at] ? '* another answer' : 'same answer'}` : '–');
    const say = (at: number) => {
      const cell = shown[at];
      return cell ? `${metric.title} ${signed(metric.delta(cell), metric.digits)}, ${cell.changed ? `another answer: ${quoted(cell.answer.text)}` : 'the same answer'}` : 'nothing';
    };
    this.map.show({ matrix, marks, tell, say }, this.chosen, '* another answer');
    this.showCell(metric, strength);
  }

  private showCell(metric: Metric, strength: number): void {
    const report = this.report!;
    const place = this.chosen && this.at(this.chosen);
    const cell = place && this.cellAt(place.layer, place.zone, strength);
    this.curvePart.hidden = this.tools.hidden = !cell;
    if (!place || !cell) {
      this.facts.replaceChildren(element('p', { class: 'quiet' }, 'Choose a cell of the heat map to see what it does.'));
      return;
    }
    const zone = report.zones.find((other) => other.id === place.zone)!;
    const row = ({ title, digits, masked, delta, plain }: Metric): string[] => [title, minus(plain(report).toFixed(digits)), minus(masked(cell).toFixed(digits)), signed(delta(cell), digits)];
    this.facts.replaceChildren(
      section(
        `${zone.id} in layer ${place.layer + 1}`,
        element('p', {}, `${zone.reading} `, element('span', { class: 'quiet' }, `(${zone.definition.replace('<-', '←')})`)),
        element('p', {}, 'Without a mask: ', element('strong', {}, quoted(report.answer.text)), '. Masked: ', cell.changed ? element('strong', {}, quoted(cell.answer.text)) : 'the same', ` with probability ${cell.answer.probability.toFixed(3)}.`),
        table(['of that first answer', 'no mask', 'masked', 'change'], Object.values(metrics).map(row), 'The numbers of the cell'),
        ...(zone.note ? [list([zone.note])] : []),
      ),
    );
    const doses = report.strengths.flatMap((dose): Dose[] => {
      const found = this.cellAt(place.layer, place.zone, dose);
      return found ? [{ strength: dose, value: metric.masked(found), marked: found.changed }] : [];
    });
    this.curvePart.hidden = doses.length < 2;
    const values = report.cells.map(metric.masked);
    const range: [number, number] = metric === metrics.probability ? [0, Math.max(0.01, ...values)] : [Math.min(...values), Math.max(...values)];
    this.curve.show(new CurveView(metric.title, doses, range, (value) => minus(value.toFixed(2))), false);
    const { edit } = zone;
    const show = button('Show this masked run in the panel', () => edit && this.onSend({ type: 'masked', edit: { ...edit, layers: [place.layer], strength }, layer: place.layer }));
    show.disabled = !edit;
    this.tools.replaceChildren(show);
  }
}

function quoted(answer: string): string {
  return answer ? `“${answer}”` : 'no answer';
}
