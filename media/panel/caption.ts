import type { MapInfo } from '../../protocol/messages';
import { element } from './elements';

const axes = {
  map: 'Row: the token being built. Column: the token it draws on. ',
  lines: 'Left: the token being built. Right: the token it draws on. A strong line is a bright cell of the map. ',
  other: '',
};

/** What is shown, how to read it, and how not to. */
export function resultCaption(map: MapInfo, title: string, picture: keyof typeof axes): HTMLElement[] {
  const about = map.target ? ` About ${map.target}.` : '';
  return [
    element('p', {}, element('strong', {}, `${title}. `), axes[picture], map.reading, about),
    element('details', {}, element('summary', {}, 'What this does not mean'), element('p', {}, map.caution), element('p', { class: 'quiet' }, `${map.formula} · ${map.paper}`)),
  ];
}
