import type { AnalysisSummary, MethodInfo, ViewState } from '../../protocol/messages';
import { element, icon } from './elements';
import { choose, computable, locate, type Family } from './families';

/** Marks methods of the picker that have no numbers yet. */
const computing = 'compute ';

/** The row of controls above the picture. */
export class Controls {
  readonly root = element('header', { class: 'controls' });
  onChange: (view: ViewState) => void = () => {};
  onCommand: (id: string) => void = () => {};
  onCompute: (method: string) => void = () => {};
  private readonly method = element('select', { 'aria-label': 'Method', title: 'Method' });
  private readonly layer = element('select', { 'aria-label': 'Layer', title: 'Layer' });
  private readonly head = element('select', { 'aria-label': 'Head', title: 'Head' });
  private readonly special = element('input', { type: 'checkbox', id: 'special' });
  private readonly model = element('button', { class: 'quiet', title: 'Select another model' });
  private families: Family[] = [];
  private view?: ViewState;

  constructor(commands: boolean) {
    const exporting = element('button', { class: 'quiet', title: 'Export this analysis' }, icon('export'), ' Export');
    this.model.addEventListener('click', () => this.onCommand('attention.selectModel'));
    exporting.addEventListener('click', () => this.onCommand('attention.export'));
    for (const control of [this.method, this.layer, this.head, this.special]) control.addEventListener('change', () => this.changed());
    this.model.disabled = !commands;
    const hide = element('label', { for: 'special', class: 'check', title: 'Leave [CLS], [SEP] and the like out of the picture' }, this.special, ' Hide special tokens');
    this.root.append(this.method, this.layer, this.head, hide, element('span', { class: 'spring' }), this.model);
    if (commands) this.root.append(exporting);
  }

  show(analysis: AnalysisSummary, families: Family[], view: ViewState): void {
    this.families = families;
    this.view = view;
    const { family, place } = locate(families, view.choice);
    this.fillMethods(computable(analysis), family.id);
    fill(this.layer, Array.from({ length: family.layers }, (_, l) => [`${l}`, `Layer ${l + 1}`]), `${place.layer}`);
    fill(this.head, family.columns.map((c, i) => [`${i}`, c.head === undefined ? 'Mean of heads' : `Head ${c.title}`]), `${place.column}`);
    this.head.hidden = family.columns.length < 2;
    this.special.checked = view.hideSpecial;
    const { model } = analysis;
    this.model.replaceChildren(icon('symbol-misc'), ` ${model.name} `, element('span', { class: 'detail' }, `${model.layers}×${model.heads}`));
  }

  /** What is computed first, and then what can be, by groups; what cannot be says why. */
  private fillMethods(methods: MethodInfo[], selected: string): void {
    const wanted = JSON.stringify([this.families.map((f) => f.id), methods.map((m) => [m.id, m.problem])]);
    if (this.method.dataset.options !== wanted) {
      const groups = [...new Set(methods.map((m) => m.group))].map((group) => {
        const options = methods.filter((m) => m.group === group).map((m) => element('option', { value: computing + m.id, disabled: m.problem !== undefined, title: m.problem ?? m.formula }, m.problem ? `${m.title} (not defined here)` : m.title));
        return element('optgroup', { label: group }, ...options);
      });
      this.method.replaceChildren(...this.families.map((f) => element('option', { value: f.id }, f.title)), ...groups);
      this.method.dataset.options = wanted;
    }
    this.method.value = selected;
  }

  private changed(): void {
    if (this.method.value.startsWith(computing)) {
      this.onCompute(this.method.value.slice(computing.length));
      return;
    }
    const family = this.families.find((f) => f.id === this.method.value);
    if (!family || !this.view) return;
    const place = { layer: Number(this.layer.value), column: this.head.hidden ? 0 : Number(this.head.value) };
    this.onChange({ choice: choose(family, place, this.view.choice.tokens), hideSpecial: this.special.checked });
  }
}

function fill(select: HTMLSelectElement, options: string[][], value: string): void {
  const wanted = JSON.stringify(options);
  if (select.dataset.options !== wanted) {
    select.replaceChildren(...options.map(([id, text]) => element('option', { value: id }, text)));
    select.dataset.options = wanted;
  }
  select.value = value;
}
