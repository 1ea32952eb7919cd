import type { AnalysisSummary } from '../../protocol/messages';
import { element } from './elements';

/** A text longer than this is shortened; all of it is a click or key away. */
const mostLetters = 200;

/** What an exported page is about: no editor beside it shows the text. */
export function heading({ text, pair, model, device }: Pick<AnalysisSummary, 'text' | 'pair' | 'model' | 'device'>): HTMLElement {
  const whole = pair === undefined ? text : `${text}\n${pair}`;
  const letters = [...whole];
  const shown =
    letters.length > mostLetters
      ? element('details', {}, element('summary', { title: whole }, element('h1', {}, `${letters.slice(0, mostLetters).join('')}…`)), element('p', {}, whole))
      : element('h1', {}, whole);
  return element('div', { class: 'heading' }, shown, element('p', { class: 'quiet' }, [model.name, device].filter(Boolean).join(' · ')));
}
