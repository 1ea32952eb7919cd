import type { MapInfo } from '../../protocol/messages';
import { mapOf, type DataSource } from '../data/source';
import type { Place } from '../views/overview';
import { hasThumbnails, type Family } from './results';

/** Reads the maps a reader is likely to look at next, nearest first, for as long as nothing else is asked for. */
export async function fetchAhead(family: Family, place: Place, sourceOf: (map: MapInfo) => DataSource, idle: () => boolean): Promise<void> {
  if (!hasThumbnails(family)) return;
  const near = family.columns
    .map((column, i) => ({ column, layer: place.layer, distance: Math.abs(i - place.column) }))
    .concat([-1, 1].map((step) => ({ column: family.columns[place.column], layer: place.layer + step, distance: 1 })))
    .filter(({ layer, distance }) => distance > 0 && layer >= 0 && layer < family.layers)
    .sort((a, b) => a.distance - b.distance);
  for (const { column, layer } of near) {
    if (!idle()) return;
    try {
      await mapOf(sourceOf(column.map), column.map, layer, column.head);
    } catch {
      // Nobody asked for it yet: whoever does is told.
      return;
    }
  }
}
