import type { TextTab } from '../../protocol/messages';
import { element } from './elements';

/** The texts that were analyzed together, one tab each; nothing where there is only one. */
export class Texts {
  readonly root = element('nav', { class: 'texts', 'aria-label': 'Texts analyzed together', hidden: true });
  onChoose: (id: string) => void = () => {};

  show(texts: TextTab[], current: string | undefined): void {
    this.root.hidden = texts.length < 2;
    const focused = [...this.root.children].indexOf(document.activeElement as Element);
    this.root.replaceChildren(
      ...texts.map(({ id, title }) => {
        const tab = element('button', { class: 'text', 'aria-pressed': `${id === current}`, title }, title);
        tab.addEventListener('click', () => this.onChoose(id));
        return tab;
      }),
    );
    if (focused >= 0) (this.root.children[focused] as HTMLElement | undefined)?.focus();
  }
}
