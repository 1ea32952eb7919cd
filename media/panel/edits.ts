import type { Edit } from '../../protocol/messages';
import { element, icon } from './elements';

/** Longer lists of tokens are told by their ends. */
const mostNamed = 6;

/** A change in words. */
export function described(edit: Edit, tokens: string[]): string {
  const name = (token: number) => tokens[token] ?? `token ${token}`;
  const named = (list: number[] | undefined) => {
    if (list === undefined || list.length === tokens.length) return 'every token';
    return list.length <= mostNamed ? list.map(name).join(' ') : `${name(list[0])} … ${name(list[list.length - 1])} (${list.length} tokens)`;
  };
  const layers = edit.layers === undefined ? 'every layer' : `layer ${edit.layers.map((layer) => layer + 1).join(', ')}`;
  const where = `${layers}${edit.heads === undefined ? '' : `, head ${edit.heads.map((head) => head + 1).join(', ')}`}`;
  if (edit.replace !== undefined) return `${named(edit.tokens)} replaced by ${edit.replace}`;
  if (edit.place === 'scores' || edit.place === 'attention') return `${named(edit.tokens)} ← ${named(edit.keys)} masked in ${where}`;
  const what = edit.place === 'heads' ? 'what heads mixed' : (edit.place ?? 'nothing');
  return `${what}${edit.tokens === undefined ? '' : ` of ${named(edit.tokens)}`} in ${where}${edit.neurons === undefined ? '' : `, neuron ${edit.neurons.map((n) => n + 1).join(', ')}`}`;
}

/** How much of a change there is, from 0 (none) to 1 (all of it); undefined where it is one or nothing. */
export function strengthOf(edit: Edit): number | undefined {
  return edit.strength ?? (edit.scale !== undefined && edit.shift === undefined && edit.scale <= 1 && edit.scale >= 0 ? 1 - edit.scale : undefined);
}

function withStrength(edit: Edit, strength: number): Edit {
  return edit.strength !== undefined ? { ...edit, strength } : { ...edit, scale: Math.round((1 - strength) * 100) / 100 };
}

/** The list of changes, each with a slider, and the way back and forth between them. */
export class Edits {
  readonly root = element('section', { class: 'bars edits', 'aria-label': 'Changes to the model', hidden: true });
  onChange: (edits: Edit[]) => void = () => {};
  onSave: (edits: Edit[]) => void = () => {};
  onLoad: () => void = () => {};
  private readonly list = element('ol', {});
  private readonly undoButton = this.button('discard', 'Undo', () => this.undo());
  private readonly redoButton = this.button('redo', 'Redo', () => this.redo());
  private edits: Edit[] = [];
  private past: Edit[][] = [];
  private future: Edit[][] = [];
  private tokens: string[] = [];

  constructor() {
    const tools = element(
      'div',
      { class: 'tools' },
      this.undoButton,
      this.redoButton,
      this.button('clear-all', 'Remove all changes', () => this.set([])),
      this.button('save', 'Save changes…', () => this.onSave(this.edits)),
      this.button('folder-opened', 'Load changes…', () => this.onLoad()),
    );
    this.root.append(element('h2', {}, 'Changes to the model'), this.list, tools);
  }

  get value(): Edit[] {
    return this.edits;
  }

  /** Starts over for another text. */
  open(edits: Edit[], tokens: string[], visible: boolean): void {
    [this.edits, this.past, this.future, this.tokens] = [edits, [], [], tokens];
    this.root.hidden = !visible;
    this.draw();
  }

  add(edit: Edit): void {
    this.set([...this.edits, edit]);
  }

  set(edits: Edit[]): void {
    this.past.push(this.edits);
    this.future = [];
    this.take(edits);
  }

  undo(): void {
    const before = this.past.pop();
    if (!before) return;
    this.future.push(this.edits);
    this.take(before);
  }

  redo(): void {
    const next = this.future.pop();
    if (!next) return;
    this.past.push(this.edits);
    this.take(next);
  }

  private take(edits: Edit[]): void {
    this.edits = edits;
    this.draw();
    this.onChange(edits);
  }

  private draw(): void {
    this.undoButton.disabled = this.past.length === 0;
    this.redoButton.disabled = this.future.length === 0;
    this.list.replaceChildren(
      ...(this.edits.length === 0 ? [element('li', { class: 'quiet' }, 'None. Right-click the map, or press M on a cell, to mask, silence or replace.')] : []),
      ...this.edits.map((edit, at) => this.row(edit, at)),
    );
  }

  private row(edit: Edit, at: number): HTMLElement {
    const strength = strengthOf(edit);
    const text = described(edit, this.tokens);
    const row = element('li', {}, element('span', { class: 'name', title: text }, text));
    if (strength !== undefined) {
      const slider = element('input', { type: 'range', min: '0', max: '1', step: '0.05', 'aria-label': `How strongly: ${text}` });
      slider.value = `${strength}`;
      slider.addEventListener('input', () => {
        this.edits = this.edits.map((other, i) => (i === at ? withStrength(other, Number(slider.value)) : other));
        share.textContent = percent(Number(slider.value));
        this.onChange(this.edits);
      });
      // One step of undo for the whole movement of a slider.
      slider.addEventListener('pointerdown', () => this.past.push(this.edits));
      const share = element('span', { class: 'quiet' }, percent(strength));
      row.append(slider, share);
    }
    row.append(this.button('close', `Remove: ${text}`, () => this.set(this.edits.filter((_, i) => i !== at))));
    return row;
  }

  private button(name: string, title: string, click: () => void): HTMLButtonElement {
    const made = element('button', { class: 'quiet icon', title, 'aria-label': title }, icon(name));
    made.addEventListener('click', click);
    return made;
  }
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
