import type { Curve, Ink, Label, Rect, Scene } from '../scene/scene';
import { fit, thin } from '../toolkit/labels';
import { strongest } from '../toolkit/strongest';
import type { Line } from './heatmap';

/** A token on one side: the one being built, or the one drawn on. */
export interface End {
  side: 'to' | 'from';
  index: number;
}

/** The map of one head and the colour of its lines. */
export interface Strand {
  title: string;
  /** [lines, lines]. */
  data: Float32Array;
  ink: Ink;
}

export interface LinesInput {
  lines: Line[];
  strands: Strand[];
  /** Lines weaker than this share of the strongest are left out. */
  threshold: number;
  /** Made once for many frames; made here where absent. */
  prepared?: Prepared;
  /** Whether a pair of places belongs to what is looked at. */
  allowed: (to: number, from: number) => boolean;
  hovered?: End;
  /** Tokens being built that are kept: their lines alone are drawn. */
  pinned: number[];
  highlighted: number[];
  width: number;
  height: number;
  measure: (text: string) => number;
}

type Layout = Pick<LinesInput, 'lines' | 'strands' | 'width' | 'height'>;

const margin = { top: 26, bottom: 8 };
const lineHeight = 15;
const tallestLine = 26;
const stripWidth = 7;
/** More lines than this are a grey cloud: the strongest are drawn. */
const mostCurves = 10_000;

interface Frame {
  left: number;
  right: number;
  top: number;
  pitch: number;
}

function frame({ lines, strands, width, height }: Layout): Frame {
  const label = Math.min(170, Math.max(60, width * 0.26));
  const strips = strands.length * stripWidth + 6;
  const pitch = Math.min(tallestLine, (height - margin.top - margin.bottom) / Math.max(1, lines.length));
  return { left: label + strips, right: width - label - strips, top: margin.top, pitch };
}

/** The height in which tokens stand as far apart as they get. */
export function tallestLines(tokens: number): number {
  return margin.top + tokens * tallestLine + margin.bottom;
}

/** Tokens on both sides, and between them a line for each weight: the thicker the larger. */
export function lines(input: LinesInput): Scene<End> {
  const scene: Scene<End> = { width: input.width, height: input.height, items: [], regions: [] };
  const { left, right, top, pitch } = frame(input);
  const y = (index: number) => top + (index + 0.5) * pitch;
  scene.items.push({ kind: 'curves', list: drawnCurves(input, left, right, y) });
  strips(scene, input);
  labels(scene, input, 'to');
  labels(scene, input, 'from');
  for (const [text, x, align] of [['being built', left - 8, 'right'], ['drawn on', right + 8, 'left']] as const)
    scene.items.push({ kind: 'label', text, x, y: 10, align, angle: 0, role: 'muted', axis: 'none' });
  return scene;
}

/** What is drawn of all tokens is kept with what was prepared: it is the same in every frame until the picture changes its size. */
const kept = new WeakMap<Prepared, { size: string; list: Curve[] }>();

function drawnCurves(input: LinesInput, left: number, right: number, y: (index: number) => number): Curve[] {
  // Left is the token being built, as the rows of a map are.
  const made = (list: Drawn[]) => list.map(({ to, from, share, ink }): Curve => ({ from: [left, y(to)], to: [right, y(from)], ink, width: 0.8 + 2.2 * share, opacity: Math.max(0.08, share) }));
  const list = curves(input);
  if (!input.prepared || list !== input.prepared.all) return made(list);
  const size = `${left} ${right} ${y(0)} ${y(1)}`;
  let known = kept.get(input.prepared);
  if (known?.size !== size) kept.set(input.prepared, (known = { size, list: made(list) }));
  return known.list;
}

/** A line to draw. */
interface Drawn {
  to: number;
  from: number;
  share: number;
  ink: Ink;
}

/** What does not change while a reader points: the strongest weight, and the lines of all tokens, weakest first. */
export interface Prepared {
  most: number;
  all: Drawn[];
}

type Choice = Pick<LinesInput, 'lines' | 'strands' | 'threshold' | 'allowed'>;

/** Looks through all weights once. */
export function prepared({ lines: { length: count }, strands, threshold, allowed }: Choice): Prepared {
  const wanted = (at: number) => allowed(Math.floor(at / count), at % count);
  const strong = strands.map(({ data }) => strongest(data, mostCurves, 0, wanted));
  const most = Math.max(0, ...strands.map(({ data }, i) => (strong[i].length > 0 ? Math.abs(data[strong[i][0]]) : 0)));
  const all = strands.flatMap(({ data, ink }, i) => strong[i].map((at) => ({ to: Math.floor(at / count), from: at % count, share: Math.abs(data[at]) / most, ink })).filter(({ share }) => share > threshold));
  all.sort((a, b) => b.share - a.share);
  return { most, all: all.slice(0, mostCurves).reverse() };
}

/** The lines to draw, weakest first, so that strong ones lie on top. */
export function curves(input: LinesInput): Drawn[] {
  const { hovered, pinned, strands, threshold, lines: tokens, allowed } = input;
  const { most, all } = input.prepared ?? prepared(input);
  const [rows, columns] = hovered ? (hovered.side === 'to' ? [[hovered.index], undefined] : [undefined, [hovered.index]]) : [pinned.length > 0 ? pinned : undefined, undefined];
  if (most === 0 || (!rows && !columns)) return all;
  const every = tokens.map((_, i) => i);
  const found: Drawn[] = [];
  for (const { data, ink } of strands)
    for (const to of rows ?? every)
      for (const from of columns ?? every) {
        const share = Math.abs(data[to * tokens.length + from]) / most;
        if (share > threshold && share > 0 && allowed(to, from)) found.push({ to, from, share, ink });
      }
  return found.sort((a, b) => b.share - a.share).slice(0, mostCurves).reverse();
}

/** Beside each token of the other side, how much of it each head's line carries, where one token is looked at. */
function strips(scene: Scene<End>, input: LinesInput): void {
  const rows = input.hovered?.side === 'to' ? [input.hovered.index] : input.hovered ? [] : input.pinned;
  const columns = input.hovered?.side === 'from' ? [input.hovered.index] : [];
  if (rows.length + columns.length === 0) return;
  const { left, right, top, pitch } = frame(input);
  const count = input.lines.length;
  const height = Math.max(1, Math.min(pitch - 2, 14));
  input.strands.forEach(({ data, ink }, strand) => {
    const values = Array.from({ length: count }, (_, i) =>
      rows.length > 0 ? rows.reduce((sum, to) => sum + (input.allowed(to, i) ? Math.abs(data[to * count + i]) : 0), 0) : input.allowed(i, columns[0]) ? Math.abs(data[i * count + columns[0]]) : 0,
    );
    const most = Math.max(...values) || 1;
    const x = rows.length > 0 ? right + 4 + strand * stripWidth : left - 4 - (strand + 1) * stripWidth;
    values.forEach((value, i) => {
      if (value > 0.02 * most) scene.items.push({ kind: 'box', area: { x, y: top + (i + 0.5) * pitch - height / 2, width: stripWidth - 1, height }, fill: ink, opacity: value / most });
    });
  });
}

function labels(scene: Scene<End>, input: LinesInput, side: End['side']): void {
  const { left, right, top, pitch } = frame(input);
  const centres = input.lines.map((_, i) => top + (i + 0.5) * pitch);
  const strong = input.lines.flatMap((line, i) => {
    const pointed = input.hovered?.side === side && input.hovered.index === i;
    const kept = side === 'to' && input.pinned.includes(i);
    return pointed || kept || line.tokens.some((token) => input.highlighted.includes(token)) ? [i] : [];
  });
  const strips = input.strands.length * stripWidth + 6;
  const x = side === 'to' ? left - strips - 2 : right + strips + 2;
  const room = side === 'to' ? x - 4 : input.width - x - 4;
  for (const i of thin(centres, Math.min(lineHeight, Math.max(lineHeight - 2, pitch)), 0, input.height, strong)) {
    const role: Label['role'] = strong.includes(i) ? 'accent' : 'foreground';
    scene.items.push({ kind: 'label', text: fit(input.lines[i].label, room, input.measure), x, y: centres[i], align: side === 'to' ? 'right' : 'left', angle: 0, role, bold: strong.includes(i), axis: side === 'to' ? 'rows' : 'columns' });
  }
}

/** The token at a place; undefined between the sides. */
export function endAt(input: Layout, x: number, y: number): End | undefined {
  const { left, right, top, pitch } = frame(input);
  const index = Math.floor((y - top) / pitch);
  if (!input.lines[index]) return undefined;
  return x <= left ? { side: 'to', index } : x >= right ? { side: 'from', index } : undefined;
}

export function areaOfEnd(input: Layout, end: End): Rect {
  const { left, right, top, pitch } = frame(input);
  return end.side === 'to' ? { x: 0, y: top + end.index * pitch, width: left, height: pitch } : { x: right, y: top + end.index * pitch, width: input.width - right, height: pitch };
}

/** Which pairs belong to what is looked at: all, those within a text, or those from one text to the other. Special tokens belong to neither. */
export function allowedBy(between: string | undefined, segment: string[], special: boolean[]): (to: number, from: number) => boolean {
  if (!between) return () => true;
  return (to, from) => {
    if (special[to] || special[from]) return false;
    const [built, drawnOn] = [segment[to] === 'passage', segment[from] === 'passage'];
    return between === 'within' ? built === drawnOn : between === 'down' ? !built && drawnOn : built && !drawnOn;
  };
}
