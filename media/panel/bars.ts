import { number, readable } from '../toolkit/labels';
import { element } from './elements';

export interface Bar {
  text: string;
  value: number;
  /** What it was before something was changed. */
  was?: number;
}

/** A titled list of bars with their numbers; the longest bar fills the width, or one of `scaleTo` would. Bars come last: a short one leaves no hole in its row. */
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
        const track = element('span', { class: 'track', 'aria-hidden': 'true' }, fill);
        const name = element('span', { class: 'name' }, readable(item.text));
        if (item.was !== undefined) {
          const mark = element('span', { class: 'was' });
          mark.style.left = `${Math.min(100, (100 * Math.abs(item.was)) / most)}%`;
          track.append(mark);
          name.append(element('span', { class: 'quiet' }, ` was ${number(item.was)}`));
        }
        return element('li', {}, element('span', { class: 'number' }, number(item.value)), name, track);
      }),
    ),
  );
}

/** The strongest of so many entries; of signed numbers, the largest either way; of equals the first. */
export function strongest(score: (index: number) => number, of: number, count: number): { index: number; value: number }[] {
  const found: { index: number; value: number }[] = [];
  for (let index = 0; index < of; index++) {
    const value = score(index);
    const weakest = found[found.length - 1];
    if (found.length === count && !(Math.abs(value) > Math.abs(weakest.value))) continue;
    if (found.length === count) found.pop();
    const place = found.findIndex((other) => Math.abs(value) > Math.abs(other.value));
    found.splice(place < 0 ? found.length : place, 0, { index, value });
  }
  return found;
}
