/**
 * What a view wants to be seen, as plain data: a renderer draws it, the accessible mirror reads it, a test checks it
 * without pixels. All lengths are CSS pixels.
 */

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Numbers shown as colours, one cell each. */
export interface Texture {
  kind: 'texture';
  /** Equal keys mean equal numbers, so that a renderer may keep what it made of them. */
  key: string;
  data: Float32Array;
  columns: number;
  rows: number;
  area: Rect;
  clip: Rect;
  /** The numbers that the two ends of the colour scale stand for. */
  range: [number, number];
  /** Numbers can be negative: the middle of the scale is 0. */
  diverging: boolean;
}

export interface Box {
  kind: 'box';
  area: Rect;
  clip?: Rect;
  stroke?: Ink;
  width?: number;
  fill?: Ink;
  opacity?: number;
  /** A mark that moves with the reader: drawn on the layer of the labels, so that what lies below need not be drawn again. */
  mark?: boolean;
}

/** A line that leaves one place and arrives at another, both times level. */
export interface Curve {
  from: [number, number];
  to: [number, number];
  ink: Ink;
  width: number;
  opacity: number;
}

/** Many of them, the first at the bottom. The same list means the same lines, so that a renderer may keep what it drew. */
export interface Curves {
  kind: 'curves';
  list: Curve[];
}

/** A line from place to place, without gaps. */
export interface Line {
  kind: 'line';
  points: [number, number][];
  ink: Ink;
  width: number;
  opacity: number;
}

export interface Disc {
  kind: 'disc';
  x: number;
  y: number;
  radius: number;
  ink: Ink;
  opacity: number;
}

export interface Label {
  kind: 'label';
  text: string;
  x: number;
  y: number;
  align: 'left' | 'center' | 'right';
  /** Degrees, clockwise. */
  angle: number;
  role: Role;
  bold?: boolean;
  /** The share of the colour scale that it stands on, so that it can be read there. */
  on?: { share: number; diverging: boolean };
  clip?: Rect;
  /** What it belongs to; labels of one axis must not overlap. */
  axis: 'rows' | 'columns' | 'none';
}

/** A colour by what it means; the theme decides which colour that is. */
export type Role = 'foreground' | 'muted' | 'accent' | 'focus' | 'edge';

/** A role, or one of a series of colours that can be told apart. */
export type Ink = Role | { series: number };

export type Item = Texture | Box | Curves | Line | Disc | Label;

/** A place that means something when it is pointed at. */
export interface Region<Meaning> {
  area: Rect;
  meaning: Meaning;
}

export interface Scene<Meaning = unknown> {
  width: number;
  height: number;
  items: Item[];
  regions: Region<Meaning>[];
}

export function contains(area: Rect, x: number, y: number): boolean {
  return x >= area.x && y >= area.y && x < area.x + area.width && y < area.y + area.height;
}

/** The topmost region at a place. */
export function hit<Meaning>(scene: Scene<Meaning>, x: number, y: number): Region<Meaning> | undefined {
  return scene.regions.findLast((region) => contains(region.area, x, y));
}

/** The same scene elsewhere. */
export function moved<Meaning>(scene: Scene<Meaning>, x: number, y: number): Scene<Meaning> {
  const by = (area: Rect): Rect => ({ ...area, x: area.x + x, y: area.y + y });
  const items = scene.items.map((item): Item => {
    switch (item.kind) {
      case 'texture':
        return { ...item, area: by(item.area), clip: by(item.clip) };
      case 'box':
        return { ...item, area: by(item.area), clip: item.clip && by(item.clip) };
      case 'curves':
        return { ...item, list: item.list.map((curve) => ({ ...curve, from: [curve.from[0] + x, curve.from[1] + y], to: [curve.to[0] + x, curve.to[1] + y] })) };
      case 'line':
        return { ...item, points: item.points.map(([left, top]): [number, number] => [left + x, top + y]) };
      case 'disc':
        return { ...item, x: item.x + x, y: item.y + y };
      case 'label':
        return { ...item, x: item.x + x, y: item.y + y, clip: item.clip && by(item.clip) };
    }
  });
  return { ...scene, items, regions: scene.regions.map((region) => ({ ...region, area: by(region.area) })) };
}

const captionHeight = 22;

/** A scene with its colour scale and a line that says what it is, as figures in print have them. */
export function framed(scene: Scene<unknown>, caption: string, scale?: { range: [number, number]; diverging: boolean }): Scene<unknown> {
  const top = scene.height + 4;
  const items: Item[] = [...scene.items];
  if (scale) {
    const [low, high] = scale.range;
    const steps = 64;
    const area = { x: 60, y: top, width: 180, height: 10 };
    items.push({ kind: 'texture', key: `scale ${scale.range}`, data: Float32Array.from({ length: steps }, (_, i) => low + ((high - low) * i) / (steps - 1)), columns: steps, rows: 1, area, clip: area, ...scale });
    for (const [value, x, align] of [[low, 54, 'right'], [high, 246, 'left']] as const)
      items.push({ kind: 'label', text: value === 0 ? '0' : value.toFixed(3).replace('-', '−'), x, y: top + 5, align, angle: 0, role: 'foreground', axis: 'none' });
  }
  const height = scene.height + captionHeight * (scale ? 2 : 1);
  items.push({ kind: 'label', text: caption, x: 8, y: height - captionHeight / 2, align: 'left', angle: 0, role: 'muted', axis: 'none' });
  return { ...scene, height, items };
}
