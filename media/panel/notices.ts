import { element, icon } from './elements';

/** What is going on, above the picture: work, errors, staleness, and what readers should know of the analysis. */
export class Notices {
  readonly root = element('div', { class: 'notices', role: 'status' });
  onCancel: () => void = () => {};
  onAgain: () => void = () => {};

  /** `stoppable`: what is going on was asked for here and can be stopped here. */
  show({ busy, stoppable, error, stale, notes }: { busy?: string; stoppable: boolean; error?: string; stale: boolean; notes: string[] }): void {
    this.root.replaceChildren();
    const add = (name: string, text: string, ...more: Node[]) => this.root.append(element('p', { class: name === 'error' ? 'notice error' : 'notice' }, icon(name), ` ${text}`, ...more));
    if (busy) add('loading codicon-modifier-spin', `${busy} `, ...(stoppable ? [link('Cancel', () => this.onCancel())] : []));
    if (error) add('error', error);
    if (stale) add('warning', 'The text was edited since. ', link('Analyze again', () => this.onAgain()));
    for (const note of notes) add('info', note);
  }
}

function link(text: string, click: () => void): HTMLElement {
  const made = element('button', { class: 'link' }, text);
  made.addEventListener('click', click);
  return made;
}
