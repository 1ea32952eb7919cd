import type { AnalysisSummary, ViewState } from '../../protocol/messages';
import { element } from '../panel/elements';
import type { Family } from '../panel/results';
import { seriesColour } from '../panel/theme';

const filters = [
  ['', 'All lines'],
  ['within', 'Within each text'],
  ['down', 'First text draws on second'],
  ['up', 'Second text draws on first'],
];

/** Which heads and which lines the line diagram shows. */
export class LinesControls {
  readonly root = element('div', { class: 'picture-controls', hidden: true });
  onChange: (view: ViewState) => void = () => {};
  private readonly heads = element('div', { class: 'chips', role: 'group', 'aria-label': 'Heads drawn' });
  private readonly between = element('select', { 'aria-label': 'Lines drawn', title: 'Lines drawn' });
  private readonly threshold = element('input', { type: 'range', min: '0', max: '0.9', step: '0.02', 'aria-label': 'Leave out lines weaker than this share of the strongest' });
  private readonly share = element('span', { class: 'quiet' });
  private view?: ViewState;

  constructor() {
    this.between.append(...filters.map(([value, text]) => element('option', { value }, text)));
    this.between.addEventListener('change', () => this.view && this.onChange({ ...this.view, between: this.between.value || undefined }));
    this.threshold.addEventListener('input', () => this.view && this.onChange({ ...this.view, threshold: Number(this.threshold.value) || undefined }));
    this.root.append(this.heads, this.between, element('label', { class: 'check' }, 'from ', this.threshold, ' ', this.share));
  }

  show(analysis: AnalysisSummary, family: Family, view: ViewState, visible: boolean): void {
    this.view = view;
    this.root.hidden = !visible;
    if (!visible) return;
    const heads = family.columns.flatMap((column) => (column.head === undefined ? [] : [column.head]));
    const drawn = view.heads ?? (view.choice.head === undefined ? [] : [view.choice.head]);
    this.heads.hidden = heads.length === 0;
    const chips = heads.map((head) => {
      const chip = element('button', { class: 'chip', 'aria-pressed': `${drawn.includes(head)}`, title: `Head ${head + 1}` }, `${head + 1}`);
      chip.style.setProperty('--chip', seriesColour(head));
      chip.addEventListener('click', () => this.toggle(head, drawn));
      return chip;
    });
    const focused = [...this.heads.children].indexOf(document.activeElement as Element);
    this.heads.replaceChildren(element('span', { class: 'quiet' }, 'Heads '), ...chips);
    if (focused > 0) (this.heads.children[focused] as HTMLElement | undefined)?.focus();
    this.between.hidden = analysis.pair === undefined;
    this.between.value = view.between ?? '';
    this.threshold.value = `${view.threshold ?? 0}`;
    this.share.textContent = `${Math.round((view.threshold ?? 0) * 100)} % of the strongest`;
  }

  private toggle(head: number, drawn: number[]): void {
    const next = drawn.includes(head) ? drawn.filter((other) => other !== head) : [...drawn, head].sort((a, b) => a - b);
    this.onChange({ ...this.view!, heads: next.length > 0 ? next : undefined });
  }
}
