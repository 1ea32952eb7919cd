import type { CanvasKit } from 'canvaskit-wasm';
import type { FromStudy, TrainingReport } from '../../protocol/messages';
import { element } from '../panel/elements';
import { Stage } from '../panel/stage';
import { seriesColour } from '../panel/theme';
import { LossView, told } from './lossView';
import { button, list, section, table } from './parts';

/** Lines of the curve in words. */
const described = 12;

/** A training, at work or not: its curve, and what can be done with it. */
export class TrainingPage {
  readonly root = element('main', { class: 'study' });
  onSend: (message: FromStudy) => void = () => {};
  private readonly title = element('h1');
  private readonly progress = element('p');
  private readonly stop = button('Stop', () => this.onSend({ type: 'cancel' }));
  private readonly goOn = button('Go On', () => this.onSend({ type: 'resume' }));
  private readonly use = button('Use This Model', () => this.onSend({ type: 'use' }));
  private readonly reveal = button('Reveal in File Explorer', () => this.onSend({ type: 'reveal' }));
  private readonly curve = new Stage();
  private readonly legend = element('p', { class: 'keys' });
  private readonly words = element('div', { class: 'visually-hidden' });
  private readonly looks = element('div', { class: 'parts' });
  private report?: TrainingReport;
  private busy?: string;
  private reports = 0;

  constructor() {
    this.curve.onDrawn = () => (document.body.dataset.drawn = `training ${this.reports} ${this.report?.step}`);
    const controls = element('div', { class: 'controls' }, element('span', { class: 'tools' }, this.stop, this.goOn, this.use, this.reveal));
    this.root.append(element('header', { class: 'answer' }, this.title, this.progress), controls, element('div', { class: 'picture' }, this.curve.root, this.legend, this.words), this.looks);
    this.offer();
  }

  start(kit: CanvasKit): void {
    this.curve.start(kit);
  }

  show(report: TrainingReport): void {
    this.report = report;
    this.reports++;
    this.title.textContent = report.title;
    this.curve.show(new LossView(report), true);
    this.repaint();
    const every = Math.max(1, Math.ceil(report.points.length / described));
    const rows = report.points.filter((_, i) => i % every === 0 || i === report.points.length - 1).map((point) => told(point, []));
    this.words.replaceChildren(table(['steps', 'loss', 'smoothed', 'rate'], rows, 'The curve in words'));
    const looks = report.looks.map(({ step, loss, accuracy }) => [step.toLocaleString('en'), loss.toFixed(3), `${(100 * accuracy).toFixed(1)} %`, step === report.kept ? 'kept' : '']);
    this.looks.replaceChildren(
      section('Looks at the dev set', ...(looks.length > 0 ? [table(['after step', 'dev loss', 'right', 'model'], looks.toReversed(), 'Looks at the dev set, the last one first')] : [])),
      section('Notes', ...(report.notes.length > 0 ? [list(report.notes)] : [])),
    );
    this.offer();
  }

  /** Whether it is worked on from here, and what is being done. */
  working(busy: string | undefined): void {
    this.busy = busy;
    this.offer();
  }

  repaint(): void {
    this.curve.repaint();
    const key = (sign: string, colour: string, text: string) => {
      const mark = element('span', { 'aria-hidden': 'true' }, sign);
      mark.style.color = colour;
      return element('span', {}, mark, ` ${text}`);
    };
    const looks = this.report?.looks.length ? [key('●', seriesColour(1), 'loss on the dev set'), key('□', 'inherit', 'kept')] : [];
    this.legend.replaceChildren(key('━', 'var(--accent)', 'loss, smoothed'), key('─', 'var(--quiet)', 'loss of each step'), ...looks);
  }

  private offer(): void {
    const { report, busy } = this;
    const working = busy !== undefined;
    // What failed before its first step is neither worked on nor to be gone on with.
    this.progress.textContent = busy ?? (report && report.state !== 'working' ? report.progress : '');
    this.stop.hidden = !working;
    this.goOn.hidden = working || report?.state !== 'stopped';
    this.use.hidden = this.reveal.hidden = working || report?.state !== 'finished';
  }
}
