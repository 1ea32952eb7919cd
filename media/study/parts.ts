import type { CanvasKit } from 'canvaskit-wasm';
import { element } from '../panel/elements';
import { Stage } from '../panel/stage';
import { currentTheme } from '../panel/theme';
import { legend } from '../pictures/legend';
import type { Cell, Matrix } from '../views/heatmap';
import { CellsView, type Cells } from './cellsView';

/** What pages of studies are made of. */

/** A number with its sign, a true minus, and a plain 0 for nothing at all. */
export function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return '0';
  return `${value < 0 ? '−' : '+'}${text}`;
}

/** A number as text with a true minus. */
export function minus(text: string): string {
  return text.replace('-', '−');
}

/** A probability of no effect, as papers write it. */
export function chance(value: number): string {
  return value < 0.001 ? 'p < 0.001' : `p = ${value.toFixed(3)}`;
}

/** A choice of one; the first word of an option is its value. */
export function choice(label: string, options: [string, string][], changed: (value: string) => void): { root: HTMLElement; select: HTMLSelectElement; offer(options: [string, string][]): void } {
  const select = element('select', { 'aria-label': label, title: label });
  const offer = (list: [string, string][]) => {
    const before = select.value;
    select.replaceChildren(...list.map(([value, title]) => element('option', { value }, title)));
    if (list.some(([value]) => value === before)) select.value = before;
    select.closest('label')!.hidden = list.length < 2;
  };
  const root = element('label', { class: 'check' }, `${label} `, select);
  select.addEventListener('change', () => changed(select.value));
  offer(options);
  return { root, select, offer };
}

/** A titled part of a page; nothing where it has nothing to say. */
export function section(title: string, ...content: (Node | string)[]): HTMLElement {
  return element('section', { class: 'part', 'aria-label': title, hidden: content.length === 0 }, element('h2', {}, title), ...content);
}

/** A table whose first column names its rows. */
export function table(heads: string[], rows: (Node | string)[][], caption?: string): HTMLElement {
  const body = rows.map(([name, ...cells]) => element('tr', {}, element('th', { scope: 'row' }, name), ...cells.map((cell) => element('td', {}, cell))));
  return element(
    'table',
    {},
    ...(caption ? [element('caption', { class: 'visually-hidden' }, caption)] : []),
    element('thead', {}, element('tr', {}, ...heads.map((head) => (head ? element('th', { scope: 'col' }, head) : element('td', {}))))),
    element('tbody', {}, ...body),
  );
}

export function button(title: string, click: () => void): HTMLButtonElement {
  const made = element('button', {}, title);
  made.addEventListener('click', click);
  return made;
}

export function list(items: string[]): HTMLElement {
  return element('ul', {}, ...items.map((item) => element('li', {}, item)));
}

/** The heat map of a study with its legend, and as a table for readers who do not see it. */
export class CellMap {
  readonly root: HTMLElement;
  onChoose: (cell: Cell) => void = () => {};
  private readonly stage = new Stage();
  private readonly legendPlace = element('div', { class: 'legend-place' });
  private readonly words = element('div', { class: 'visually-hidden' });
  private shown?: Cells;

  constructor(drawn: () => void) {
    this.root = element('div', { class: 'picture' }, this.stage.root, this.legendPlace, this.words);
    this.stage.onDrawn = drawn;
  }

  start(kit: CanvasKit): void {
    this.stage.start(kit);
  }

  show(cells: Cells, chosen: Cell | undefined, marks: string): void {
    const { matrix } = cells;
    this.shown = cells;
    this.stage.show(new CellsView(cells, chosen, (cell) => this.onChoose(cell)), true);
    this.legendPlace.replaceChildren(legend(currentTheme().scale, matrix.range, matrix.diverging), element('span', { class: 'quiet marks' }, marks));
    const heads = ['Layer', ...matrix.columns.map((column) => column.label)];
    const rows = matrix.rows.map((row, i) => [row.label, ...matrix.columns.map((_, j) => cells.say(i * matrix.columns.length + j))]);
    this.words.replaceChildren(table(heads, rows, 'The heat map in words'));
  }

  repaint(): void {
    this.stage.repaint();
    if (this.shown) this.legendPlace.firstElementChild?.replaceWith(legend(currentTheme().scale, this.shown.matrix.range, this.shown.matrix.diverging));
  }
}

/** Layers upward, zones to the right, as the paper has them. */
export function matrixOf(key: string, layers: number[], zones: string[], value: (layer: number, zone: string) => number, range: [number, number], text: (value: number, at: number) => string): Matrix {
  const upward = layers.toReversed();
  const data = Float32Array.from(upward.flatMap((layer) => zones.map((zone) => value(layer, zone))));
  return {
    key,
    rows: upward.map((layer) => ({ label: `Layer ${layer + 1}`, tokens: [] })),
    columns: zones.map((zone) => ({ label: zone, tokens: [] })),
    data,
    range,
    diverging: range[0] < 0,
    square: false,
    texts: Array.from(data, (number, at) => (Number.isNaN(number) ? '–' : text(number, at))),
  };
}

/** A scale on which so much to either side is all of it. */
export function around(most: number): [number, number] {
  const end = most > 0 ? most : 1;
  return [-end, end];
}
