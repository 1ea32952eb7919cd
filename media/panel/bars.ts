import { number, readable } from '../toolkit/labels';
import { element } from './elements';

export interface Bar {
  text: string;
  value: number;
}

/** A titled list of bars with their numbers; the longest bar fills the width. */
export function bars(title: string, items: Bar[], scaleTo?: number): HTMLElement {
  const most = scaleTo ?? Math.max(1e-9, ...items.map((item) => Math.abs(item.value)));
  return element(
    'section',
    { class: 'bars', 'aria-label': title },
    element('h2', {}, title),
    element(
      'ol',
      {},
      ...items.map((item) => {
        const fill = element('span', { class: item.value < 0 ? 'fill negative' : 'fill' });
        fill.style.width = `${Math.max(1, (100 * Math.abs(item.value)) / most)}%`;
        return element('li', {}, element('span', { class: 'number' }, number(item.value)), element('span', { class: 'track', 'aria-hidden': 'true' }, fill), element('span', { class: 'name' }, readable(item.text)));
      }),
    ),
  );
}

/** The strongest of so many entries; of signed numbers, the largest either way. */
export function strongest(score: (index: number) => number, of: number, count: number): { index: number; value: number }[] {
  return Array.from({ length: of }, (_, index) => ({ index, value: score(index) }))
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .slice(0, count);
}
