import type { ViewState } from '../../protocol/messages';
import { element } from '../panel/elements';

const orders = [
  ['', 'by layer'],
  ['focus', 'by focus, narrow first'],
  ['pattern', 'by pattern'],
  ['cluster', 'by likeness'],
];

/** How heads are put together, and what each looks like. */
export class ModelControls {
  readonly root = element('div', { class: 'picture-controls', hidden: true });
  onChange: (view: ViewState) => void = () => {};
  private readonly order = element('select', { 'aria-label': 'Order of heads' });
  private readonly asLines = element('input', { type: 'checkbox', id: 'as-lines' });
  private readonly cut = element('input', { type: 'range', min: '0.05', max: '0.95', step: '0.05', 'aria-label': 'Cut groups off the tree at this share of its height' });
  private readonly cutLabel = element('label', { class: 'check' }, 'cut at ', this.cut);
  private view?: ViewState;

  constructor() {
    this.order.append(...orders.map(([value, text]) => element('option', { value }, text)));
    this.order.addEventListener('change', () => this.view && this.onChange({ ...this.view, order: this.order.value || undefined }));
    this.asLines.addEventListener('change', () => this.view && this.onChange({ ...this.view, asLines: this.asLines.checked || undefined }));
    this.cut.addEventListener('input', () => this.view && this.onChange({ ...this.view, cut: Number(this.cut.value) }));
    this.root.append(element('label', { class: 'check' }, 'Heads ', this.order), this.cutLabel, element('label', { for: 'as-lines', class: 'check' }, this.asLines, ' As lines'));
  }

  show(view: ViewState, visible: boolean, orderable: boolean): void {
    this.view = view;
    this.root.hidden = !visible;
    this.order.closest('label')!.hidden = !orderable;
    this.order.value = orderable ? (view.order ?? '') : '';
    this.asLines.checked = view.asLines ?? false;
    this.cutLabel.hidden = !orderable || view.order !== 'cluster';
    this.cut.value = `${view.cut ?? defaultCut}`;
  }
}

/** Where a tree is cut unless the reader moves it: the usual share of dendrograms. */
export const defaultCut = 0.7;
