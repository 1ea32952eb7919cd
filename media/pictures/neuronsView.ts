import type { Matrix } from '../views/heatmap';
import { areaOfNeuron, neuronAt, neuronText, neurons, tallestNeurons, widthOf, type NeuronPlace, type NeuronsInput } from '../views/neurons';
import { element } from '../panel/elements';
import type { Surroundings, Telling, View } from '../panel/stage';

const order = ['key', 'product', 'score', 'share', 'value'] as const;

/** One token's attention in one head, taken apart neuron by neuron. */
export class NeuronsView implements View<NeuronPlace> {
  readonly kind = 'neuron diagram';

  constructor(
    private readonly given: Pick<NeuronsInput, 'key' | 'tokens' | 'vectors' | 'row' | 'order' | 'layer'>,
    private readonly onKeep: (token: number) => void,
  ) {}

  get label(): string {
    return `Query of ${this.given.tokens[this.given.row]}, and keys, products, scores and values of ${this.given.tokens.length} tokens. Use the arrow keys to walk them, Enter to look at another token's query.`;
  }

  tallest(): number {
    return tallestNeurons(this.given.tokens.length);
  }

  scene(around: Surroundings<NeuronPlace>): ReturnType<typeof neurons> {
    return neurons(this.input(around));
  }

  at(around: Surroundings<NeuronPlace>, x: number, y: number): NeuronPlace | undefined {
    return neuronAt(this.input(around), x, y);
  }

  tell(around: Surroundings<NeuronPlace>, place: NeuronPlace): Telling | undefined {
    const input = this.input(around);
    const text = neuronText(input, place);
    return { text, spoken: text, area: areaOfNeuron(input, place), tokens: [...new Set([this.given.row, place.token])] };
  }

  /** Sideways through the neurons of a part, and from its edge into the next. */
  step(place: NeuronPlace | undefined, down: number, right: number): NeuronPlace {
    const { row, tokens } = this.given;
    if (!place) return { part: 'share', token: row, neuron: 0 };
    // Below the tokens: what is mixed, and the hidden state.
    const within = (part: NeuronPlace['part'], neuron: number) => Math.min(widthOf(this.given, part) - 1, Math.max(0, neuron));
    if (place.part === 'hidden') return down < 0 ? { part: 'mixed', token: row, neuron: within('mixed', place.neuron) } : { ...place, neuron: within('hidden', place.neuron + right) };
    if (place.part === 'mixed' && down !== 0) return down < 0 ? { part: 'value', token: tokens.length - 1, neuron: place.neuron } : { part: 'hidden', token: row, neuron: place.neuron };
    if (place.part === 'mixed') return { ...place, neuron: within('mixed', place.neuron + right) };
    if (down > 0 && place.token === tokens.length - 1) return { part: 'mixed', token: row, neuron: within('mixed', place.neuron) };
    const token = Math.min(this.given.tokens.length - 1, Math.max(0, place.token + down));
    const single = place.part === 'score' || place.part === 'share';
    const neuron = place.neuron + right;
    const last = this.given.vectors.size - 1;
    if (right === 0 || (!single && neuron >= 0 && neuron <= last)) return { ...place, token, neuron: Math.max(0, place.neuron + (single ? 0 : right)) };
    const part = order[order.indexOf(place.part) + Math.sign(right)];
    return part ? { part, token, neuron: right > 0 || part === 'score' || part === 'share' ? 0 : last } : { ...place, token };
  }

  same(a: NeuronPlace, b: NeuronPlace): boolean {
    return a.part === b.part && a.token === b.token && a.neuron === b.neuron;
  }

  /** Neurons by their own numbers, not by where influence puts them. */
  meaning(place: NeuronPlace): NeuronPlace {
    return place.part === 'hidden' ? place : { ...place, neuron: this.given.order[place.neuron] };
  }

  keep(place: NeuronPlace | undefined): void {
    if (place) this.onKeep(place.token);
  }

  private input(around: Surroundings<NeuronPlace>): NeuronsInput {
    return { ...this.given, hovered: around.hovered, width: around.width, height: around.height, measure: around.measure };
  }
}

/** The attention of the head, for the numbers beside the picture. */
export function sharesMatrix(key: string, tokens: string[], attention: Float32Array): Matrix {
  const lines = tokens.map((label, i) => ({ label, tokens: [i] }));
  return { key, rows: lines, columns: lines, data: attention, range: [0, 1], diverging: false, square: true };
}

/** How to read the picture, and in which order its neurons stand. */
export function neuronsCaption(title: string, order: number[], token: string, onSort: (sorted: boolean) => void, sorted: boolean): HTMLElement[] {
  const box = element('input', { type: 'checkbox', id: 'sorted' });
  box.checked = sorted;
  box.addEventListener('change', () => onSort(box.checked));
  const first = sorted ? ` First stand neurons ${order.slice(0, 3).map((neuron) => neuron + 1).join(', ')}: their products set what ${token} attends to apart from the rest most.` : '';
  return [
    element('p', {}, element('strong', {}, `${title}. `), `Each line is a token. Its key times the query of ${token}, neuron by neuron, adds up to its score over √d; a softmax over the scores is the attention; values are what is then mixed, by attention, and the hidden state is what leaves the layer. Warm: positive, cool: negative.${first}`),
    element('p', {}, element('label', { class: 'check', for: 'sorted' }, box, ' Sort neurons by influence')),
    element('details', {}, element('summary', {}, 'What this does not mean'), element('p', {}, 'Neurons of queries and keys have no meaning one by one: any rotation of both gives the same scores. A large product says that this direction counted here, not what it stands for.')),
  ];
}
