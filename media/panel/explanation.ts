import type { AnalysisSummary, MapInfo, MethodInfo } from '../../protocol/messages';
import { bars, type Bar } from './bars';
import { element } from './elements';
import { notesAbout } from './notes';
import { TargetPicker, targetText } from './target';

/** Why the model predicts what it does: one number for each token, by a method and about a target of the reader's choice. */
export class Explanation {
  readonly root = element('section', { class: 'bars explanation', 'aria-label': 'Why this prediction' });
  readonly target = new TargetPicker();
  onChoose: (method: string | undefined) => void = () => {};
  onTrust: () => void = () => {};
  private readonly method = element('select', { 'aria-label': 'Explain the prediction by', title: 'Explain the prediction by' });
  private readonly trust = element('button', { class: 'link', title: 'Compare methods with blank-out, and with each other, on this text' }, 'Which method to trust here?');
  private analysis?: AnalysisSummary;
  private readonly result = element('div', { 'aria-live': 'polite' });

  constructor() {
    this.trust.addEventListener('click', () => this.onTrust());
    this.root.append(element('h2', {}, 'Why this prediction'), this.target.root, this.method, this.result, this.trust);
    this.method.addEventListener('change', () => {
      if (!this.method.value) this.result.replaceChildren();
      this.onChoose(this.method.value || undefined);
    });
  }

  /** The method chosen. */
  get chosen(): string | undefined {
    return this.method.value || undefined;
  }

  /** Chooses a method as the reader would. */
  choose(method: string): void {
    this.method.value = method;
    this.onChoose(method);
  }

  /** Offers methods for another analysis, and forgets the last. */
  offer(analysis: AnalysisSummary, methods: Pick<MethodInfo, 'id' | 'title' | 'formula'>[], target: string | undefined, computes: boolean): void {
    this.root.hidden = methods.length === 0;
    this.target.root.hidden = this.trust.hidden = !computes;
    this.analysis = analysis;
    this.target.offer(analysis, target);
    this.method.replaceChildren(element('option', { value: '' }, 'Choose a method…'), ...methods.map((method) => element('option', { value: method.id, title: method.formula }, method.title)));
    this.result.replaceChildren();
  }

  show(map: MapInfo, tokens: Bar[]): void {
    this.method.value = map.id;
    const target = map.target ? `About ${targetText(map.target, this.analysis!.predictions)}. ` : '';
    this.result.replaceChildren(
      bars(map.title, tokens),
      element('p', { class: 'quiet' }, `${target}${map.reading}`),
      ...notesAbout(this.analysis!, map),
      element('details', {}, element('summary', {}, 'What this does not mean'), element('p', {}, map.caution), element('p', { class: 'quiet' }, `${map.formula} · ${map.paper}`)),
    );
  }

  clear(): void {
    this.method.value = '';
    this.result.replaceChildren();
  }
}
