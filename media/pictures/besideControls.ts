import type { AnalysisSummary, ViewState } from '../../protocol/messages';
import { element } from '../panel/elements';
import { computable, type Family } from '../panel/results';

/** A second method beside the first, or the difference of both. */
export class BesideControls {
  readonly root = element('div', { class: 'picture-controls', hidden: true });
  onChange: (view: ViewState) => void = () => {};
  private readonly method = element('select', { 'aria-label': 'Second method' });
  private readonly difference = element('input', { type: 'checkbox', id: 'difference' });
  private view?: ViewState;

  constructor() {
    this.method.addEventListener('change', () => this.view && this.onChange({ ...this.view, beside: this.method.value || undefined, difference: this.method.value ? this.view.difference : undefined }));
    this.difference.addEventListener('change', () => this.view && this.onChange({ ...this.view, difference: this.difference.checked || undefined }));
    const label = element('label', { for: 'difference', class: 'check', title: 'Instead of both maps, what the second has more of than the first' }, this.difference, ' Difference');
    this.root.append(element('label', { class: 'check' }, 'Beside ', this.method), label);
  }

  show(analysis: AnalysisSummary, families: Family[], view: ViewState, visible: boolean): void {
    this.view = view;
    // A comparison, or a page that nobody computes for, has nothing to put beside.
    this.root.hidden = !visible || analysis.methods.length === 0;
    if (this.root.hidden) return;
    const known = families.flatMap((family) => (family.columns[0].map.axes === 'map' ? [family.columns[0].map] : []));
    const more = computable(analysis).filter((method) => method.axes === 'map' && !method.problem);
    const options = [...known, ...more].filter(({ id }) => id !== view.choice.map).map(({ id, title }) => element('option', { value: id }, title));
    this.method.replaceChildren(element('option', { value: '' }, 'nothing'), ...options);
    this.method.value = view.beside ?? '';
    this.difference.closest('label')!.hidden = !view.beside;
    this.difference.checked = view.difference ?? false;
    // Methods are subtracted, heads are not.
    this.difference.disabled = view.choice.head !== undefined || view.choice.layer === undefined;
  }
}
