import type { ViewState } from '../../protocol/messages';
import { element } from '../panel/elements';

const kinds = [
  ['', 'rollout'],
  ['attention', 'attention'],
  ['flow', 'maximum flow'],
];

/** What the lines of a flow picture carry, and which of them are drawn. */
export class FlowControls {
  readonly root = element('div', { class: 'picture-controls', hidden: true });
  onChange: (view: ViewState) => void = () => {};
  private readonly kind = element('select', { 'aria-label': 'What lines carry' });
  private readonly threshold = element('input', { type: 'range', min: '0', max: '0.9', step: '0.02', 'aria-label': 'Leave out ways weaker than this share of the strongest' });
  private readonly share = element('span', { class: 'quiet' });
  private view?: ViewState;

  constructor() {
    this.kind.append(...kinds.map(([value, text]) => element('option', { value }, text)));
    this.kind.addEventListener('change', () => this.view && this.onChange({ ...this.view, edges: this.kind.value || undefined }));
    this.threshold.addEventListener('input', () => this.view && this.onChange({ ...this.view, threshold: Number(this.threshold.value) || undefined }));
    this.root.append(element('label', { class: 'check' }, 'Lines carry ', this.kind), element('label', { class: 'check' }, 'from ', this.threshold, ' ', this.share));
  }

  show(view: ViewState, visible: boolean): void {
    this.view = view;
    this.root.hidden = !visible;
    if (!visible) return;
    this.kind.value = view.edges ?? '';
    this.threshold.value = `${view.threshold ?? 0}`;
    this.share.textContent = `${Math.round((view.threshold ?? 0) * 100)} % of the strongest`;
  }
}
