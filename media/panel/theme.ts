import { series, type ScaleName } from '../scene/colour';
import type { Theme } from '../skia/theme';

/** The theme as the page's style sheet has it now: VS Code's own colours in the editor, the browser's preference elsewhere. */
export function currentTheme(): Theme {
  return (known ??= read());
}

/** Read once: asking the style sheet takes longer than drawing a frame. */
let known: Theme | undefined;

function read(): Theme {
  const { classList } = document.body;
  const contrast = classList.contains('vscode-high-contrast') || classList.contains('vscode-high-contrast-light');
  const background = colour('--page');
  const dark = isDark(background);
  const scale: ScaleName = contrast && dark ? 'contrast' : dark ? 'dark' : 'light';
  return {
    scale,
    background,
    font: `12px ${getComputedStyle(document.body).fontFamily}`,
    colours: { foreground: colour('--text'), muted: colour('--quiet'), accent: colour('--accent'), focus: colour('--strong'), edge: colour('--line') },
  };
}

/** The colour of one of a series under the theme as it is now. */
export function seriesColour(index: number): string {
  return series(currentTheme().scale, index);
}

/** Runs when the editor or the system switches themes. */
export function onThemeChange(repaint: () => void): void {
  const changed = () => {
    known = undefined;
    repaint();
  };
  new MutationObserver(changed).observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  new MutationObserver(changed).observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
}

let probe: HTMLElement | undefined;

/** A colour of the style sheet as rgb(): the browser resolves variables and light-dark() for an element, not for a property. */
function colour(variable: string): string {
  if (!probe) {
    probe = document.createElement('span');
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(${variable})`;
  return getComputedStyle(probe).color;
}

function isDark(background: string): boolean {
  const [r, g, b] = (background.match(/[\d.]+/g) ?? ['255', '255', '255']).map(Number);
  return 0.299 * r + 0.587 * g + 0.114 * b < 128;
}
