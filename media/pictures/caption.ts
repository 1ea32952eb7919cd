import type { MapInfo, Prediction } from '../../protocol/messages';
import { element } from '../panel/elements';
import { targetText } from '../panel/target';

const axes = {
  map: 'Row: the token being built. Column: the token it draws on. ',
  lines: 'Left: the token being built. Right: the token it draws on. A strong line is a bright cell of the map. ',
  layers: 'Each row: what the token draws on in that layer, the input below. Click a column to look at that token instead. ',
  other: '',
};

/** What is shown, how to read it, and how not to. */
export function resultCaption(map: MapInfo, title: string, picture: keyof typeof axes, predictions: Prediction[]): HTMLElement[] {
  const about = map.target ? ` About ${targetText(map.target, predictions)}.` : '';
  return [
    element('p', {}, element('strong', {}, `${title}. `), axes[picture], map.reading, about),
    element('details', {}, element('summary', {}, 'What this does not mean'), element('p', {}, map.caution), element('p', { class: 'quiet' }, `${map.formula} · ${map.paper}`)),
  ];
}
