import type { Rect, Scene } from '../scene/scene';
import { fit, number, thin } from '../toolkit/labels';
import { largestOf } from '../toolkit/largest';

/** The vectors of one head, [T, d] each. */
export interface HeadVectors {
  queries: Float32Array;
  keys: Float32Array;
  values: Float32Array;
  /** Attention [T, T]. */
  attention: Float32Array;
  size: number;
  /** Hidden states after the layer [T, D]. */
  hidden: Float32Array;
}

export interface NeuronsInput {
  key: string;
  tokens: string[];
  vectors: HeadVectors;
  /** The token whose attention is taken apart. */
  row: number;
  /** Neurons in the order they are drawn. */
  order: number[];
  /** The layer the hidden states leave, from 1. */
  layer: number;
  hovered?: NeuronPlace;
  width: number;
  height: number;
  measure: (text: string) => number;
}

/**
 * A neuron of a token's key, of its product with the query, of its value; a token's score and share; or, of the token whose attention
 * this is, a neuron of what the head mixes for it, or of its hidden state.
 */
export interface NeuronPlace {
  part: keyof typeof parts | 'mixed' | 'hidden';
  token: number;
  neuron: number;
}

export const parts = { key: 'key k', product: 'query × key', score: 'score', share: 'attention', value: 'value v' } as const;
const margin = { top: 64, bottom: 66, gap: 10 };
const strip = { height: 12, below: 26 };
const lineHeight = 15;
const tallestRow = 22;
const narrow = 54;

/** A neuron's share of the scores: how its products differ between tokens is what attention is made of. */
export function products({ queries, keys, size }: HeadVectors, row: number): Float32Array {
  const tokens = keys.length / size;
  return Float32Array.from({ length: tokens * size }, (_, at) => queries[row * size + (at % size)] * keys[at]);
}

/** q·k / √d of a row with each token. */
export function scores(vectors: HeadVectors, row: number): Float32Array {
  const found = products(vectors, row);
  const tokens = found.length / vectors.size;
  return Float32Array.from({ length: tokens }, (_, token) => found.subarray(token * vectors.size, (token + 1) * vectors.size).reduce((a, b) => a + b, 0) / Math.sqrt(vectors.size));
}

/** Neurons by how much they pull apart what is attended to from the rest: the spread of their products, weighted by attention. */
export function byInfluence(vectors: HeadVectors, row: number): number[] {
  const { size, attention } = vectors;
  const found = products(vectors, row);
  const tokens = found.length / size;
  const influence = Array.from({ length: size }, (_, neuron) => {
    let [pulled, mean] = [0, 0];
    for (let token = 0; token < tokens; token++) {
      const product = found[token * size + neuron];
      pulled += attention[row * tokens + token] * product;
      mean += product / tokens;
    }
    return pulled - mean;
  });
  return influence.map((_, i) => i).sort((a, b) => influence[b] - influence[a]);
}

/** What the head mixes for a token: the values, each by its share of the attention. */
export function mixed({ values, attention, size }: HeadVectors, row: number): Float32Array {
  const tokens = values.length / size;
  const found = new Float32Array(size);
  for (let token = 0; token < tokens; token++) for (let neuron = 0; neuron < size; neuron++) found[neuron] += attention[row * tokens + token] * values[token * size + neuron];
  return found;
}

/** The numbers of the picture, neurons in their order: the same in every frame. */
interface Drawn {
  row: number;
  order: number[];
  query: Float32Array;
  key: Float32Array;
  product: Float32Array;
  score: Float32Array;
  share: Float32Array;
  value: Float32Array;
  mixed: Float32Array;
  hidden: Float32Array;
}

const drawn = new WeakMap<HeadVectors, Drawn>();

function numbersOf({ vectors, row, order, tokens }: NeuronsInput): Drawn {
  let known = drawn.get(vectors);
  if (known && known.row === row && known.order === order) return known;
  const { size } = vectors;
  const width = vectors.hidden.length / tokens.length;
  const sorted = (data: Float32Array) => data.map((_, at) => data[at - (at % size) + order[at % size]]);
  known = {
    row,
    order,
    query: sorted(vectors.queries.slice(row * size, (row + 1) * size)),
    key: sorted(vectors.keys),
    product: sorted(products(vectors, row)),
    score: scores(vectors, row),
    share: vectors.attention.slice(row * tokens.length, (row + 1) * tokens.length),
    value: sorted(vectors.values),
    mixed: sorted(mixed(vectors, row)),
    hidden: vectors.hidden.slice(row * width, (row + 1) * width),
  };
  drawn.set(vectors, known);
  return known;
}

/** The height in which tokens stand as far apart as they get. */
export function tallestNeurons(tokens: number): number {
  return margin.top + tokens * tallestRow + margin.bottom;
}

function frame(input: NeuronsInput): Record<NeuronPlace['part'], Rect> & { query: Rect; label: number; pitch: number } {
  const label = Math.min(110, Math.max(56, input.width * 0.16));
  const pitch = Math.min(tallestRow, (input.height - margin.top - margin.bottom) / Math.max(1, input.tokens.length));
  const wide = Math.max(30, (input.width - label - 2 * narrow - 5 * margin.gap) / 3);
  const height = pitch * input.tokens.length;
  let x = label + margin.gap;
  const place = (width: number) => {
    const area = { x, y: margin.top, width, height };
    x += width + margin.gap;
    return area;
  };
  const [key, product, score, share, value] = [place(wide), place(wide), place(narrow), place(narrow), place(wide)];
  const below = margin.top + height;
  const across = (at: number, area: Rect): Rect => ({ x: area.x, y: below + at * strip.below + strip.below - strip.height - 6, width: area.width, height: strip.height });
  return { key, product, score, share, value, query: { x: key.x, y: 30, width: wide, height: strip.height }, mixed: across(0, value), hidden: across(1, { ...key, width: value.x + value.width - key.x }), label, pitch };
}

/** The query of one token, and for every token its key, their product neuron by neuron, the score, the share of attention and the value. */
export function neurons(input: NeuronsInput): Scene<NeuronPlace> {
  const { vectors, tokens, order, row } = input;
  const { size } = vectors;
  const scene: Scene<NeuronPlace> = { width: input.width, height: input.height, items: [], regions: [] };
  const areas = frame(input);
  const numbers = numbersOf(input);
  const draw = (name: Exclude<keyof Drawn, 'row' | 'order'>, columns: number, diverging: boolean) => {
    const [data, area] = [numbers[name], areas[name]];
    const most = largestOf(data);
    scene.items.push({ kind: 'texture', key: `${input.key} ${name} ${row} ${order[0]}-${order[1]}`, data, columns, rows: data.length / columns, area, clip: area, range: [diverging ? -most : 0, most], diverging });
    scene.items.push({ kind: 'box', area, stroke: 'edge', width: 1 });
  };
  for (const name of ['query', 'key', 'product', 'value', 'mixed'] as const) draw(name, size, true);
  draw('score', 1, true);
  draw('share', 1, false);
  draw('hidden', numbers.hidden.length, true);

  const title = (text: string, area: Rect) => scene.items.push({ kind: 'label', text: fit(text, area.width + margin.gap, input.measure), x: area.x, y: margin.top - 10, align: 'left', angle: 0, role: 'muted', axis: 'none' });
  for (const part of Object.keys(parts) as (keyof typeof parts)[]) title(parts[part], areas[part]);
  scene.items.push({ kind: 'label', text: fit(`query q of ${tokens[row]}`, areas.query.width * 2, input.measure), x: areas.query.x, y: 18, align: 'left', angle: 0, role: 'accent', axis: 'none' });
  const before = (text: string, area: Rect) => scene.items.push({ kind: 'label', text: fit(text, area.x - 12, input.measure), x: area.x - 8, y: area.y + area.height / 2, align: 'right', angle: 0, role: 'muted', axis: 'none' });
  before('mixed: Σ attention × v', areas.mixed);
  before(`after layer ${input.layer}`, areas.hidden);

  const centres = tokens.map((_, i) => margin.top + (i + 0.5) * areas.pitch);
  const strong = [...new Set([row, ...(input.hovered ? [input.hovered.token] : [])])];
  for (const i of thin(centres, Math.min(lineHeight, Math.max(lineHeight - 2, areas.pitch)), 0, input.height, strong))
    scene.items.push({ kind: 'label', text: fit(tokens[i], areas.label - 4, input.measure), x: areas.label, y: centres[i], align: 'right', angle: 0, role: i === row ? 'accent' : 'foreground', bold: strong.includes(i), axis: 'rows' });
  if (areas.pitch >= 14) {
    const { score, share } = numbers;
    const [most, top] = [largestOf(score), largestOf(share)];
    centres.forEach((y, i) => {
      const at = (area: Rect, value: number, shade: { share: number; diverging: boolean }) => scene.items.push({ kind: 'label', text: value.toFixed(2).replace('-', '−'), x: area.x + area.width / 2, y, align: 'center', angle: 0, role: 'foreground', axis: 'none', on: shade });
      at(areas.score, score[i], { share: (score[i] / most + 1) / 2, diverging: true });
      at(areas.share, share[i], { share: share[i] / top, diverging: false });
    });
  }
  if (input.hovered) {
    const area = areaOfNeuron(input, input.hovered);
    const { part } = input.hovered;
    const inTable = part !== 'mixed' && part !== 'hidden';
    scene.items.push({ kind: 'box', area: inTable ? { x: areas.key.x, y: area.y, width: areas.value.x + areas.value.width - areas.key.x, height: area.height } : areas[part], stroke: 'focus', width: 1, mark: true });
    if (!inTable) scene.items.push({ kind: 'box', area, stroke: 'focus', width: 1, mark: true });
    else if (part !== 'score' && part !== 'share') scene.items.push({ kind: 'box', area: { ...area, y: margin.top, height: areas.key.height }, stroke: 'focus', width: 1, mark: true });
  }
  return scene;
}

export function neuronAt(input: NeuronsInput, x: number, y: number): NeuronPlace | undefined {
  const areas = frame(input);
  for (const part of Object.keys(parts) as (keyof typeof parts)[]) {
    const area = areas[part];
    if (x < area.x || x >= area.x + area.width || y < area.y || y >= area.y + area.height) continue;
    return { part, token: Math.floor((y - area.y) / areas.pitch), neuron: Math.floor(((x - area.x) / area.width) * input.vectors.size) };
  }
  for (const part of ['mixed', 'hidden'] as const) {
    const area = areas[part];
    if (x >= area.x && x < area.x + area.width && y >= area.y && y < area.y + area.height) return { part, token: input.row, neuron: Math.floor(((x - area.x) / area.width) * widthOf(input, part)) };
  }
  // A token's name stands for its whole line.
  const token = Math.floor((y - margin.top) / areas.pitch);
  return x < areas.key.x && input.tokens[token] !== undefined ? { part: 'share', token, neuron: 0 } : undefined;
}

/** How many neurons stand beside each other in a part. */
export function widthOf({ vectors, tokens }: Pick<NeuronsInput, 'vectors' | 'tokens'>, part: NeuronPlace['part']): number {
  return part === 'score' || part === 'share' ? 1 : part === 'hidden' ? vectors.hidden.length / tokens.length : vectors.size;
}

export function areaOfNeuron(input: NeuronsInput, place: NeuronPlace): Rect {
  const areas = frame(input);
  const area = areas[place.part];
  if (place.part === 'mixed' || place.part === 'hidden') {
    const one = area.width / widthOf(input, place.part);
    return { ...area, x: area.x + place.neuron * one, width: one };
  }
  const wide = place.part === 'score' || place.part === 'share' ? area.width : area.width / input.vectors.size;
  return { x: area.x + (place.part === 'score' || place.part === 'share' ? 0 : place.neuron * wide), y: area.y + place.token * areas.pitch, width: wide, height: areas.pitch };
}

/** What stands at a place, in words. */
export function neuronText(input: NeuronsInput, place: NeuronPlace): string {
  const { vectors, tokens, row, order } = input;
  const { size } = vectors;
  const neuron = order[place.neuron];
  const at = place.token * size + neuron;
  switch (place.part) {
    case 'key':
      return `k of ${tokens[place.token]}, neuron ${neuron + 1}   ${number(vectors.keys[at])}`;
    case 'value':
      return `v of ${tokens[place.token]}, neuron ${neuron + 1}   ${number(vectors.values[at])}`;
    case 'product':
      return `${tokens[row]} × ${tokens[place.token]}, neuron ${neuron + 1}   ${number(vectors.queries[row * size + neuron])} × ${number(vectors.keys[at])} = ${number(vectors.queries[row * size + neuron] * vectors.keys[at])}`;
    case 'mixed':
      return `mixed for ${tokens[row]}, neuron ${neuron + 1}   ${number(numbersOf(input).mixed[place.neuron])}`;
    case 'hidden':
      return `${tokens[row]} after layer ${input.layer}, neuron ${place.neuron + 1}   ${number(numbersOf(input).hidden[place.neuron])}`;
    case 'score':
      return `${tokens[row]} · ${tokens[place.token]} / √${size}   ${number(numbersOf(input).score[place.token])}`;
    case 'share':
      return `${tokens[row]} ← ${tokens[place.token]}   ${number(vectors.attention[row * tokens.length + place.token])}`;
  }
}
