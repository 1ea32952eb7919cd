import type { MapInfo, MethodInfo } from '../../protocol/messages';
import { bars, type Bar } from './bars';
import { element } from './elements';

/** Why the model predicts what it does: one number for each token, by a method of the reader's choice. */
export class Explanation {
  readonly root = element('section', { class: 'bars explanation', 'aria-label': 'Why this prediction' });
  onChoose: (method: string) => void = () => {};
  private readonly method = element('select', { 'aria-label': 'Explain the prediction by', title: 'Explain the prediction by' });
  private readonly result = element('div', { 'aria-live': 'polite' });

  constructor() {
    this.root.append(element('h2', {}, 'Why this prediction'), this.method, this.result);
    this.method.addEventListener('change', () => {
      if (this.method.value) this.onChoose(this.method.value);
      else this.result.replaceChildren();
    });
  }

  /** Offers methods for another analysis, and forgets the last. */
  offer(methods: MethodInfo[]): void {
    this.root.hidden = methods.length === 0;
    this.method.replaceChildren(element('option', { value: '' }, 'Choose a method…'), ...methods.map((method) => element('option', { value: method.id, title: method.formula }, method.title)));
    this.result.replaceChildren();
  }

  show(map: MapInfo, tokens: Bar[]): void {
    this.method.value = map.id;
    const target = map.target ? `About ${map.target}. ` : '';
    this.result.replaceChildren(
      bars(map.title, tokens),
      element('p', { class: 'quiet' }, `${target}${map.reading}`),
      element('details', {}, element('summary', {}, 'What this does not mean'), element('p', {}, map.caution), element('p', { class: 'quiet' }, `${map.formula} · ${map.paper}`)),
    );
  }

  clear(): void {
    this.method.value = '';
    this.result.replaceChildren();
  }
}
