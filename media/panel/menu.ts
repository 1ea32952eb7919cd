import { element } from './elements';

/** A list of things to do, at the place they are about. Closed by Escape, by a choice, or by looking elsewhere. */
export function openMenu(parent: HTMLElement, x: number, y: number, items: { title: string; run: () => void }[]): void {
  const menu = element('div', { class: 'menu', role: 'menu' });
  const back = document.activeElement as HTMLElement | null;
  const close = () => {
    if (!menu.isConnected) return;
    menu.remove();
    back?.focus();
  };
  const entries = items.map((item) => {
    const entry = element('button', { class: 'entry', role: 'menuitem' }, item.title);
    entry.addEventListener('click', () => {
      close();
      item.run();
    });
    return entry;
  });
  menu.append(...entries);
  menu.addEventListener('keydown', (event) => {
    // What is below has keys of its own.
    event.stopPropagation();
    const at = entries.indexOf(document.activeElement as HTMLButtonElement);
    if (event.key === 'Escape') close();
    else if (event.key === 'ArrowDown') entries[(at + 1) % entries.length].focus();
    else if (event.key === 'ArrowUp') entries[(at + entries.length - 1) % entries.length].focus();
    else return;
    event.preventDefault();
  });
  menu.addEventListener('focusout', (event) => {
    if (!menu.contains(event.relatedTarget as Node | null)) setTimeout(close);
  });
  parent.append(menu);
  const { width, height } = menu.getBoundingClientRect();
  const box = parent.getBoundingClientRect();
  menu.style.left = `${Math.max(2, Math.min(x, box.width - width - 2))}px`;
  menu.style.top = `${Math.max(2, Math.min(y, box.height - height - 2))}px`;
  entries[0].focus();
}
