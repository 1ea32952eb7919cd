import type { AnalysisSummary, MapInfo } from '../../protocol/messages';
import { element } from '../panel/elements';
import { notesAbout } from '../panel/notes';
import { targetText } from '../panel/target';

const axes = {
  map: 'Row: the token being built. Column: the token it draws on. ',
  lines: 'Left: the token being built. Right: the token it draws on. A strong line is a bright cell of the map. ',
  layers: 'Each row: what the token draws on in that layer, the input below. Click a column to look at that token instead. ',
  other: '',
};

/** What is shown, how to read it, what is to be known of it, and how not to read it. */
export function resultCaption(analysis: AnalysisSummary, map: MapInfo, title: string, picture: keyof typeof axes): HTMLElement[] {
  const about = map.target ? ` About ${targetText(map.target, analysis.predictions)}.` : '';
  return [
    element('p', {}, element('strong', {}, `${title}. `), axes[picture], map.reading, about),
    ...notesAbout(analysis, map),
    element('details', {}, element('summary', {}, 'What this does not mean'), element('p', {}, map.caution), element('p', { class: 'quiet' }, `${map.formula} · ${map.paper}`)),
  ];
}
