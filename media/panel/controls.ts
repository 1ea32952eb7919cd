import type { AnalysisSummary, MapChoice, MethodInfo, ViewState } from '../../protocol/messages';
import { element, icon } from './elements';
import { openMenu } from './menu';
import { choose, computable, locate, type Family } from './results';

/** Marks methods of the picker that have no numbers yet. */
const computing = 'compute ';
const strongest = 'strongest';
const pictures = [
  ['map', 'Map', 'Rows draw on columns'],
  ['heads', 'Lines', 'Lines between tokens, several heads at once'],
  ['layers', 'Layers', 'What one token draws on, layer by layer'],
  ['model', 'Model', 'All heads at once, by what they do'],
  ['flow', 'Flow', 'The ways from an output token back to the input'],
  ['neurons', 'Neurons', 'What the attention of one token is made of, neuron by neuron'],
];
/** What has no say in a picture is not offered beside it. */
const without: Record<string, string[]> = {
  layers: ['layer'],
  model: ['layer', 'head', 'reading'],
  flow: ['method', 'head', 'reading'],
  neurons: ['method', 'reading'],
};
/** Pictures that ask the server for more than an analysis holds. */
const asking = ['neurons', 'flow'];

/** The rows of controls above the picture. */
export class Controls {
  readonly root = element('header', { class: 'controls' });
  onChange: (view: ViewState) => void = () => {};
  onCommand: (id: string) => void = () => {};
  onCompute: (method: string) => void = () => {};
  private readonly pictures = new Map<string, HTMLButtonElement>();
  private readonly method = element('select', { 'aria-label': 'Method', title: 'Method' });
  private readonly layer = element('select', { 'aria-label': 'Layer', title: 'Layer' });
  private readonly head = element('select', { 'aria-label': 'Head', title: 'Head' });
  private readonly words = element('input', { type: 'checkbox', id: 'words' });
  private readonly special = element('select', { 'aria-label': 'Special tokens', title: 'Special tokens: [CLS], [SEP] and the like' });
  private readonly model = element('button', { class: 'quiet', title: 'Select another model' });
  private readonly copy = tool('copy', 'Copy as picture or table');
  onCopy: (what: 'picture' | 'table') => void = () => {};
  private stays = false;
  private families: Family[] = [];
  private view?: ViewState;

  constructor(private readonly commands: boolean) {
    this.model.addEventListener('click', () => this.onCommand('attention.selectModel'));
    const tabs = element('div', { class: 'tabs', role: 'group', 'aria-label': 'Picture' });
    for (const [id, title, hint] of pictures) {
      const tab = element('button', { class: 'tab', title: hint }, title);
      tab.addEventListener('click', () => this.view && this.onChange({ ...this.view, picture: id }));
      this.pictures.set(id, tab);
      tabs.append(tab);
    }
    fill(this.special, [['keep', 'Special tokens shown'], ['drop', 'Special tokens hidden'], ['renormalise', 'Special tokens hidden, rows sum to 1']], 'keep');
    for (const control of [this.method, this.layer, this.head, this.special, this.words]) control.addEventListener('change', () => this.changed());
    this.model.disabled = !commands;
    this.copy.addEventListener('click', () => {
      const { left, bottom } = this.copy.getBoundingClientRect();
      openMenu(document.body, left, bottom + 2, [
        { title: 'Copy picture', run: () => this.onCopy('picture') },
        { title: 'Copy numbers as table', run: () => this.onCopy('table') },
      ]);
    });
    const words = element('label', { for: 'words', class: 'check', title: 'Read the tokens of a word as one' }, this.words, ' Words');
    this.root.append(tabs, this.method, this.layer, this.head, words, this.special, element('span', { class: 'spring' }), this.copy, this.model);
  }

  show(analysis: AnalysisSummary, families: Family[], view: ViewState): void {
    this.families = families;
    this.view = view;
    const { family, column, place } = locate(families, view.choice);
    this.fillMethods(computable(analysis), family.id);
    const layers = Array.from({ length: family.layers }, (_, l) => [`${l}`, `Layer ${l + 1}`]);
    if (canBeStrongest(column.map.axes) && family.layers > 1) layers.push([strongest, 'Strongest of all layers']);
    fill(this.layer, layers, view.choice.layer === undefined && canBeStrongest(column.map.axes) ? strongest : `${place.layer}`);
    const hidden = without[view.picture ?? ''] ?? [];
    this.method.hidden = hidden.includes('method');
    this.layer.hidden = family.layers < 2 || hidden.includes('layer');
    // Neurons are those of one head.
    const heads = family.columns.map((c, i) => ({ at: `${i}`, head: c.head, title: c.head === undefined ? 'Mean of heads' : `Head ${c.title}` })).filter(({ head }) => view.picture !== 'neurons' || head !== undefined);
    fill(this.head, heads.map(({ at, title }) => [at, title]), heads.find(({ at }) => at === `${place.column}`)?.at ?? heads[0]?.at ?? '0');
    this.head.hidden = heads.length < 2 || hidden.includes('head');
    const aboutTokens = !['heads', 'headPairs', 'headPlane', 'headPatterns', 'headTree'].includes(column.map.axes) && !hidden.includes('reading');
    this.words.closest('label')!.hidden = !aboutTokens;
    this.special.hidden = !aboutTokens;
    this.words.checked = view.choice.words ?? false;
    this.special.value = view.choice.special ?? 'keep';
    for (const id of asking) this.pictures.get(id)!.hidden = !this.commands || analysis.methods.length === 0;
    for (const [id, tab] of this.pictures) tab.setAttribute('aria-pressed', `${(view.picture ?? 'map') === id}`);
    const { model } = analysis;
    // A comparison is no text of its own: it has no model to change and nothing to compute.
    const alone = !this.commands || analysis.methods.length === 0;
    this.model.disabled = alone || this.stays;
    this.model.replaceChildren(icon('symbol-misc'), ` ${model.name} `, element('span', { class: 'detail' }, `${model.layers}×${model.heads}`));
  }

  /** A panel that stays with its text can be no other model's. */
  pinned(stays: boolean): void {
    this.stays = stays;
    this.model.disabled ||= stays;
  }

  /** What is computed first, and then what can be, by groups; what cannot be says why. Where all there is was computed, by the same groups. */
  private fillMethods(methods: MethodInfo[], selected: string): void {
    const wanted = JSON.stringify([this.families.map((f) => f.id), methods.map((m) => [m.id, m.problem])]);
    if (this.method.dataset.options !== wanted) {
      const groups = [...new Set(methods.map((m) => m.group))].map((group) => {
        const options = methods.filter((m) => m.group === group).map((m) => element('option', { value: computing + m.id, disabled: m.problem !== undefined, title: m.problem ?? m.formula }, m.problem ? `${m.title} (not defined here)` : m.title));
        return element('optgroup', { label: group }, ...options);
      });
      const known = (families: Family[]) => families.map((f) => element('option', { value: f.id }, f.title));
      const groupOf = (family: Family) => family.columns[0].map.group;
      const labels = methods.length > 0 ? [] : [...new Set(this.families.map(groupOf))];
      const computed = labels.length > 1 ? labels.map((label) => element('optgroup', { label }, ...known(this.families.filter((f) => groupOf(f) === label)))) : known(this.families);
      this.method.replaceChildren(...computed, ...groups);
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
    const layer = this.layer.value === strongest ? family.layers - 1 : Number(this.layer.value);
    // What had no layers or heads to choose from says nothing about those of another.
    const before = locate(this.families, this.view.choice).family;
    const place = { layer: before.layers < 2 ? family.layers - 1 : layer, column: before.columns.length < 2 ? 0 : Number(this.head.value) };
    const choice: MapChoice = {
      ...choose(family, place, this.view.choice),
      words: this.words.checked || undefined,
      special: this.special.value === 'keep' ? undefined : this.special.value,
    };
    if (this.layer.value === strongest && canBeStrongest(family.columns[0].map.axes)) delete choice.layer;
    // A map alone cannot be drawn as lines where it is not about tokens.
    this.onChange({ ...this.view, choice, picture: this.view.picture === 'trust' ? undefined : this.view.picture });
  }
}

function tool(name: string, title: string): HTMLButtonElement {
  return element('button', { class: 'quiet icon', title, 'aria-label': title }, icon(name));
}

function canBeStrongest(axes: string): boolean {
  return axes === 'map' || axes === 'headMaps';
}

function fill(select: HTMLSelectElement, options: string[][], value: string): void {
  const wanted = JSON.stringify(options);
  if (select.dataset.options !== wanted) {
    select.replaceChildren(...options.map(([id, text]) => element('option', { value: id }, text)));
    select.dataset.options = wanted;
  }
  select.value = value;
}
