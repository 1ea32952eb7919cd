import type { AnalysisSummary, MapInfo } from '../../protocol/messages';
import { element } from './elements';

type Noted = Pick<AnalysisSummary, 'notes' | 'maps' | 'methods'>;

/** What a method says of its numbers begins with the method's title. */
function isAbout(note: string, { title }: { title: string }): boolean {
  return note.startsWith(`${title}: `);
}

/** What readers should know whatever is shown: all that no method of the analysis says of its own numbers. */
export function generalNotes({ notes, maps, methods }: Noted): string[] {
  return notes.filter((note) => ![...maps, ...methods].some((method) => isAbout(note, method)));
}

/** What a method says of its numbers, to stand beside them. */
export function notesAbout({ notes }: Noted, map: MapInfo): HTMLElement[] {
  return notes.filter((note) => isAbout(note, map)).map((note) => element('p', { class: 'quiet note' }, note));
}
