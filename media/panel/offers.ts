import type { AnalysisSummary, Edit, Segment, ViewState } from '../../protocol/messages';
import { tokenOf } from '../pictures/drawing';
import type { Shown } from '../pictures/matrices';
import { readable } from '../toolkit/labels';
import type { NeuronPlace } from '../views/neurons';

/** What a click on the picture is about: the tokens of a row and of a column, and the layer and head on screen. */
interface Spot {
  rows: number[];
  columns: number[];
  row: string;
  column: string;
  layer?: number;
  head?: number;
  /** Of a pair of texts, all pairs of tokens alike: of a text and of the one it draws on. */
  zone?: { title: string; rows: number[]; columns: number[] };
}

/** A neuron of a token's query, key or value in a head. */
interface NeuronSpot {
  place: 'queries' | 'keys' | 'values';
  token: number;
  name: string;
  neuron: number;
  layer: number;
  head: number;
}

export interface Offer {
  title: string;
  edit: Edit;
}

/** The changes that a spot of a map offers, nearest first. */
function offersFor(spot: Spot, blank: string | undefined): Offer[] {
  const layers = spot.layer === undefined ? undefined : [spot.layer];
  const heads = spot.head === undefined ? undefined : [spot.head];
  const where = `${spot.layer === undefined ? 'every layer' : `layer ${spot.layer + 1}`}${spot.head === undefined ? '' : `, head ${spot.head + 1}`}`;
  const mask = { place: 'scores', layers, heads, strength: 1 };
  return [
    { title: `Mask ${spot.row} ← ${spot.column} (${where})`, edit: { ...mask, tokens: spot.rows, keys: spot.columns } },
    { title: `Let nothing draw on ${spot.column} (${where})`, edit: { ...mask, keys: spot.columns } },
    { title: `Let ${spot.row} draw on itself only (${where})`, edit: { ...mask, tokens: spot.rows, keys: undefined } },
    ...(spot.zone ? [{ title: `Mask ${spot.zone.title} (${where})`, edit: { ...mask, tokens: spot.zone.rows, keys: spot.zone.columns } }] : []),
    { title: `Silence the values of ${spot.column} (${where})`, edit: { place: 'values', layers, heads, tokens: spot.columns, scale: 0 } },
    ...(spot.head === undefined ? [] : [{ title: `Switch off head ${spot.head + 1} of layer ${(spot.layer ?? 0) + 1}`, edit: { place: 'heads', layers, heads, scale: 0 } }]),
    { title: `Switch off attention in ${spot.layer === undefined ? 'every layer' : `layer ${spot.layer + 1}`}`, edit: { place: 'heads', layers, scale: 0 } },
    { title: `Empty the hidden state of ${spot.column} that enters ${spot.layer === undefined ? 'every layer' : `layer ${spot.layer + 1}`}`, edit: { place: 'hidden', layers, tokens: spot.columns, scale: 0 } },
    ...(blank === undefined ? [] : [{ title: `Replace ${spot.column} by ${blank}`, edit: { tokens: spot.columns, replace: blank } }]),
  ];
}

/** The changes that a neuron of a head offers. */
function neuronOffers({ place, token, name, neuron, layer, head }: NeuronSpot): Offer[] {
  const kind = place.slice(0, -1).replace('querie', 'query');
  const where = { place, layers: [layer], heads: [head], neurons: [neuron], scale: 0 };
  return [
    { title: `Switch off neuron ${neuron + 1} of the ${kind} of ${name}`, edit: { ...where, tokens: [token] } },
    { title: `Switch off neuron ${neuron + 1} of every ${kind} in layer ${layer + 1}, head ${head + 1}`, edit: where },
    { title: `Silence the whole ${kind} of ${name}`, edit: { place, layers: [layer], heads: [head], tokens: [token], scale: 0 } },
  ];
}

/** The changes that a neuron of what a head mixes offers. */
function mixedOffers(neuron: number, layer: number, head: number): Offer[] {
  return [
    { title: `Switch off neuron ${neuron + 1} of every value in layer ${layer + 1}, head ${head + 1}`, edit: { place: 'values', layers: [layer], heads: [head], neurons: [neuron], scale: 0 } },
    { title: `Switch off head ${head + 1} of layer ${layer + 1}`, edit: { place: 'heads', layers: [layer], heads: [head], scale: 0 } },
  ];
}

/** The changes that a neuron of a hidden state offers: hidden state n + 1 leaves layer n, counted from 0. */
function hiddenOffers(name: string, token: number, neuron: number, layer: number): Offer[] {
  const where = { place: 'hidden', layers: [layer + 1], neurons: [neuron], scale: 0 };
  return [
    { title: `Switch off neuron ${neuron + 1} of ${name} after layer ${layer + 1}`, edit: { ...where, tokens: [token] } },
    { title: `Switch off neuron ${neuron + 1} of every token after layer ${layer + 1}`, edit: where },
  ];
}

interface Around {
  analysis: AnalysisSummary;
  view: ViewState;
  shown: Shown | undefined;
}

/** The changes that a place of a picture offers: a pair of tokens of a map, a token of a flow, or a neuron. */
export function offersAt(place: unknown, { analysis, view, shown }: Around): Offer[] {
  if (typeof place !== 'object' || place === null || !shown) return [];
  const { layer, head } = view.choice;
  const blank = analysis.blank;
  if (isNeuron(place)) {
    const { part, token, neuron } = place;
    const names = analysis.tokens.map(({ text }) => readable(text));
    const row = tokenOf({ analysis, view });
    if (part === 'score' || part === 'share') return offersFor(spotOf(analysis, [row], [token], names[row], names[token], layer, head ?? 0), blank);
    if (part === 'hidden') return hiddenOffers(names[row], row, neuron, layer ?? analysis.model.layers - 1);
    if (part === 'mixed') return mixedOffers(neuron, layer ?? analysis.model.layers - 1, head ?? 0);
    const [of, whose] = part === 'value' ? (['values', token] as const) : part === 'key' ? (['keys', token] as const) : (['queries', row] as const);
    return neuronOffers({ place: of, token: whose, name: names[whose], neuron, layer: layer ?? analysis.model.layers - 1, head: head ?? 0 });
  }
  if (!shown.mixing || !('row' in place) || !('column' in place)) return [];
  const [row, column] = [shown.matrix.rows[Number(place.row)], shown.matrix.columns[Number(place.column)]];
  return row && column ? offersFor(spotOf(analysis, row.tokens, column.tokens, row.label, column.label, layer, head), blank) : [];
}

function isNeuron(place: object): place is NeuronPlace {
  return 'part' in place && 'neuron' in place;
}

function spotOf(analysis: AnalysisSummary, rows: number[], columns: number[], row: string, column: string, layer: number | undefined, head: number | undefined): Spot {
  const [to, from] = [analysis.tokens[rows[0]], analysis.tokens[columns[0]]];
  const all = (segment: Segment) => analysis.tokens.flatMap((token, i) => (token.segment === segment && !token.special ? [i] : []));
  const pair = analysis.pair !== undefined && !to.special && !from.special;
  return { rows, columns, row, column, layer, head, zone: pair ? { title: `all of the ${to.segment} ← the ${from.segment}`, rows: all(to.segment), columns: all(from.segment) } : undefined };
}
