import { cutAt, type Branch } from '../data/tree';
import type { Curve, Ink, Rect, Scene } from '../scene/scene';
import { largestOf } from '../toolkit/largest';

/** One head: where it is in the model, what it looks like, and what is said about it. */
export interface Head {
  layer: number;
  head: number;
  data: Float32Array;
  note: string;
}

/** Heads that are shown together. */
export interface HeadGroup {
  title: string;
  /** Indices of heads, in their order. */
  heads: number[];
  ink?: Ink;
}

export interface HeadsInput {
  key: string;
  heads: Head[];
  /** The side of each thumbnail's map. */
  size: number;
  diverging: boolean;
  groups: HeadGroup[];
  /** So many heads in each row, where rows are layers. */
  perRow?: number;
  /** Lines instead of maps. */
  asLines: boolean;
  /** The tree that groups were cut off, and at which height. */
  tree?: { root: Branch; cut: number };
  selected?: number;
  hovered?: number;
  width: number;
  height: number;
}

const gap = 6;
const caption = 14;
const heading = 20;
const layerRoom = 24;
const largest = 150;
const smallest = 14;
/** Thumbnails below this have no names under them. */
const named = 34;

interface Layout {
  side: number;
  pitch: number;
  rowHeight: number;
  top: number;
  left: number;
  columns: number;
}

function treeHeight({ tree, height }: HeadsInput): number {
  return tree ? Math.min(150, Math.max(60, height * 0.25)) : 0;
}

/** The largest thumbnails that all fit; where none do, the smallest. */
function layout(input: HeadsInput): Layout {
  const top = treeHeight(input) + (input.perRow ? heading : 0);
  const left = input.perRow ? layerRoom : 4;
  for (let side = largest; ; side -= 2) {
    const pitch = side + gap;
    const columns = input.perRow ?? Math.max(1, Math.floor((input.width - left) / pitch));
    const rowHeight = side + gap + (side >= named && !input.perRow ? caption : 0);
    const rows = input.groups.reduce((sum, group) => sum + Math.ceil(group.heads.length / columns), 0);
    const headings = input.perRow ? 0 : input.groups.length * heading;
    if (side <= smallest || (top + headings + rows * rowHeight <= input.height && left + columns * pitch <= input.width)) return { side, pitch, rowHeight, top, left, columns };
  }
}

/** The height in which thumbnails are as large as they get in so much width. */
export function tallestHeads(input: Omit<HeadsInput, 'height'>): number {
  const { areas, side } = places({ ...input, height: Infinity });
  return Math.max(0, ...[...areas.values()].map((area) => area.y)) + side + gap + caption;
}

/** Where each head is drawn, and where each group's heading. */
export function places(input: HeadsInput): { areas: Map<number, Rect>; headings: number[]; side: number } {
  const { side, pitch, rowHeight, top, left, columns } = layout(input);
  const areas = new Map<number, Rect>();
  const headings: number[] = [];
  let y = top;
  for (const group of input.groups) {
    headings.push(y);
    if (!input.perRow) y += heading;
    group.heads.forEach((head, i) => areas.set(head, { x: left + (i % columns) * pitch, y: y + Math.floor(i / columns) * rowHeight, width: side, height: side }));
    y += Math.ceil(group.heads.length / columns) * rowHeight;
  }
  return { areas, headings, side };
}

/** All heads as small maps or lines, in the order of the model or put together in groups. */
export function heads(input: HeadsInput): Scene<number> {
  const scene: Scene<number> = { width: input.width, height: input.height, items: [], regions: [] };
  const { areas, headings, side } = places(input);
  if (input.tree) drawTree(scene, input, input.tree);
  input.groups.forEach((group, i) => {
    if (!input.perRow) scene.items.push({ kind: 'label', text: `${group.title} · ${group.heads.length}`, x: group.ink ? 18 : 4, y: headings[i] + heading / 2, align: 'left', angle: 0, role: 'foreground', axis: 'none' });
    if (group.ink) scene.items.push({ kind: 'disc', x: 9, y: headings[i] + heading / 2, radius: 4, ink: group.ink, opacity: 1 });
    for (const at of group.heads) {
      const area = areas.get(at)!;
      const head = input.heads[at];
      drawHead(scene, input, at, area);
      if (!input.perRow && side >= named) scene.items.push({ kind: 'label', text: nameOf(head), x: area.x + side / 2, y: area.y + side + caption / 2 + 1, align: 'center', angle: 0, role: at === input.selected ? 'accent' : 'muted', axis: 'none' });
      const frame = { x: area.x - 1.5, y: area.y - 1.5, width: side + 3, height: side + 3 };
      if (at === input.selected) scene.items.push({ kind: 'box', area: frame, stroke: 'accent', width: 2, mark: true });
      else if (at === input.hovered) scene.items.push({ kind: 'box', area: frame, stroke: 'focus', width: 1, mark: true });
      scene.regions.push({ area: { x: area.x - gap / 2, y: area.y - gap / 2, width: side + gap, height: side + gap }, meaning: at });
    }
  });
  if (input.perRow) labelGrid(scene, input, areas, side);
  return scene;
}

/** "3.2": layer 3, head 2. */
export function nameOf({ layer, head }: Head): string {
  return `${layer + 1}.${head + 1}`;
}

function labelGrid(scene: Scene<number>, input: HeadsInput, areas: Map<number, Rect>, side: number): void {
  const every = Math.max(1, Math.ceil(16 / (side + gap)));
  const accented = input.hovered ?? input.selected;
  for (const [at, area] of areas) {
    const { layer, head } = input.heads[at];
    const is = (axis: 'layer' | 'head') => accented !== undefined && input.heads[accented]?.[axis] === input.heads[at][axis];
    if (layer === input.heads[0].layer && (head % every === 0 || is('head'))) scene.items.push({ kind: 'label', text: `${head + 1}`, x: area.x + side / 2, y: area.y - heading / 2, align: 'center', angle: 0, role: is('head') ? 'accent' : 'muted', axis: 'columns' });
    if (head === 0 && (layer % every === 0 || is('layer'))) scene.items.push({ kind: 'label', text: `${layer + 1}`, x: area.x - 6, y: area.y + side / 2, align: 'right', angle: 0, role: is('layer') ? 'accent' : 'muted', axis: 'rows' });
  }
}

function drawHead(scene: Scene<number>, input: HeadsInput, at: number, area: Rect): void {
  const { data } = input.heads[at];
  const most = largestOf(data);
  if (!input.asLines) {
    scene.items.push({ kind: 'texture', key: `${input.key} ${at}`, data, columns: input.size, rows: input.size, area, clip: area, range: [input.diverging ? -most : 0, most], diverging: input.diverging });
    return;
  }
  scene.items.push({ kind: 'box', area, stroke: 'edge', width: 1 });
  const y = (i: number) => area.y + ((i + 0.5) / input.size) * area.height;
  const list: Curve[] = [];
  // The strongest line of each token shows the pattern; all of them would be a cloud at this size.
  for (let to = 0; to < input.size; to++) {
    let best = 0;
    for (let from = 1; from < input.size; from++) if (Math.abs(data[to * input.size + from]) > Math.abs(data[to * input.size + best])) best = from;
    const share = Math.abs(data[to * input.size + best]) / most;
    if (share > 0) list.push({ from: [area.x + 2, y(to)], to: [area.x + area.width - 2, y(best)], ink: 'accent', width: 1, opacity: Math.max(0.12, share) });
  }
  scene.items.push({ kind: 'curves', list });
}

/** The tree from the top down: heads at its foot stand in its order, branches cut off in their group's colour. */
function drawTree(scene: Scene<number>, input: HeadsInput, { root, cut }: { root: Branch; cut: number }): void {
  const foot = treeHeight(input) - 14;
  const x = (place: number) => 8 + ((place + 0.5) / root.leaves.length) * (input.width - 16);
  const y = (height: number) => 6 + (1 - height / (root.height || 1)) * (foot - 6);
  const groups = cutAt(root, cut);
  const inkOf = (branch: Branch): Ink => {
    const group = groups.findIndex((candidate) => candidate.leaves.includes(branch.leaves[0]) && candidate.leaves.length >= branch.leaves.length);
    return group < 0 ? 'muted' : { series: group };
  };
  const line = (area: Rect, ink: Ink) => scene.items.push({ kind: 'box', area, fill: ink, opacity: 0.9 });
  const draw = (branch: Branch, first: number): number => {
    if (!branch.below) return x(first);
    const [left, right] = branch.below;
    const [a, b] = [draw(left, first), draw(right, first + left.leaves.length)];
    const ink = inkOf(branch);
    line({ x: a - 0.6, y: y(branch.height) - 0.6, width: b - a + 1.2, height: 1.2 }, ink);
    for (const [end, child] of [[a, left], [b, right]] as const) line({ x: end - 0.6, y: y(branch.height), width: 1.2, height: Math.max(0, y(child.height) - y(branch.height)) }, inkOf(child));
    return (a + b) / 2;
  };
  draw(root, 0);
  scene.items.push({ kind: 'box', area: { x: 4, y: y(cut), width: input.width - 8, height: 1 }, fill: 'edge' });
  const pointed = input.hovered ?? input.selected;
  const place = pointed === undefined ? -1 : root.leaves.indexOf(pointed);
  if (place >= 0) scene.items.push({ kind: 'label', text: nameOf(input.heads[pointed!]), x: x(place), y: foot + 7, align: 'center', angle: 0, role: 'accent', axis: 'none' }, { kind: 'disc', x: x(place), y: foot, radius: 3, ink: 'accent', opacity: 1 });
}
