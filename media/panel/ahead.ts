import type { MapInfo } from '../../protocol/messages';
import { mapOf, type DataSource } from '../data/source';
import type { Place } from '../views/overview';
import { hasThumbnails, type Column, type Family } from './results';

/** A reader who goes through the heads of a layer goes on sooner; one who stays may look at another layer next. */
const settledMilliseconds = 250;

/** Reads the maps a reader is likely to look at next, nearest first, for as long as nothing else is asked for. */
export async function fetchAhead(family: Family, place: Place, sourceOf: (map: MapInfo) => DataSource, idle: () => boolean): Promise<void> {
  if (!hasThumbnails(family)) return;
  const column = family.columns[place.column];
  const heads = family.columns
    .map((other, i) => ({ column: other, layer: place.layer, distance: Math.abs(i - place.column) }))
    .filter(({ distance }) => distance > 0)
    .sort((a, b) => a.distance - b.distance);
  const layers = [-1, 1].map((step) => ({ column, layer: place.layer + step })).filter(({ layer }) => layer >= 0 && layer < family.layers);
  if (!(await read(heads, sourceOf, idle))) return;
  await new Promise((resolve) => setTimeout(resolve, settledMilliseconds));
  await read(layers, sourceOf, idle);
}

/** Whether all were read. */
async function read(maps: { column: Column; layer: number }[], sourceOf: (map: MapInfo) => DataSource, idle: () => boolean): Promise<boolean> {
  for (const { column, layer } of maps) {
    if (!idle()) return false;
    try {
      await mapOf(sourceOf(column.map), column.map, layer, column.head);
    } catch {
      // Nobody asked for it yet: whoever does is told.
      return false;
    }
  }
  return true;
}
