import type { Scene } from '../scene/scene';
import { largestOf } from '../toolkit/largest';

/** One thumbnail of the overview. */
export interface Place {
  layer: number;
  column: number;
}

export interface OverviewInput {
  key: string;
  /** Thumbnails layer by layer, column by column; each size × size. */
  data: Float32Array[];
  size: number;
  /** Numbers can be negative. */
  diverging: boolean;
  layers: number;
  /** What stands above the columns. */
  titles: string[];
  selected: Place;
  hovered?: Place;
  /** The width there is. */
  width: number;
  /** The height it keeps to while thumbnails can be made out, where other things stand below it. */
  height?: number;
}

const gap = 4;
const margin = 26;
const heading = 18;
const smallest = 12;
const largest = 44;
const labelSpacing = 16;

/** Thumbnails of all layers (downwards) and columns (rightwards): the map to navigate by. */
export function overview(input: OverviewInput): Scene<Place> {
  const columns = input.titles.length;
  const across = Math.floor((input.width - margin - gap) / columns) - gap;
  const down = input.height === undefined ? largest : Math.floor((input.height - heading - gap) / input.layers) - gap;
  const side = Math.max(smallest, Math.min(largest, across, down));
  const pitch = side + gap;
  const scene: Scene<Place> = { width: margin + columns * pitch + gap, height: heading + input.layers * pitch + gap, items: [], regions: [] };
  const every = Math.max(1, Math.ceil(labelSpacing / pitch));

  input.titles.forEach((text, column) => {
    if (column % every === 0 || column === input.selected.column)
      scene.items.push({ kind: 'label', text, x: margin + column * pitch + side / 2, y: heading / 2, align: 'center', angle: 0, role: column === input.selected.column ? 'accent' : 'muted', axis: 'columns' });
  });
  for (let layer = 0; layer < input.layers; layer++) {
    const y = heading + layer * pitch;
    if (layer % every === 0 || layer === input.selected.layer)
      scene.items.push({ kind: 'label', text: `${layer + 1}`, x: margin - 8, y: y + side / 2, align: 'right', angle: 0, role: layer === input.selected.layer ? 'accent' : 'muted', axis: 'rows' });
    for (let column = 0; column < columns; column++) {
      const at = layer * columns + column;
      const area = { x: margin + column * pitch, y, width: side, height: side };
      // Of its own, so that each thumbnail shows its pattern.
      const most = largestOf(input.data[at]);
      scene.items.push({ kind: 'texture', key: `${input.key} ${at}`, data: input.data[at], columns: input.size, rows: input.size, area, clip: area, range: [input.diverging ? -most : 0, most], diverging: input.diverging });
      const place = { layer, column };
      scene.regions.push({ area: { x: area.x - gap / 2, y: y - gap / 2, width: pitch, height: pitch }, meaning: place });
      const frame = { x: area.x - 1.5, y: area.y - 1.5, width: side + 3, height: side + 3 };
      if (same(place, input.selected)) scene.items.push({ kind: 'box', area: frame, stroke: 'accent', width: 2, mark: true });
      else if (input.hovered && same(place, input.hovered)) scene.items.push({ kind: 'box', area: frame, stroke: 'muted', width: 1, mark: true });
    }
  }
  return scene;
}

export function same(a: Place, b: Place): boolean {
  return a.layer === b.layer && a.column === b.column;
}
