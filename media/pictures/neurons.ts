import { readable } from '../toolkit/labels';
import { byInfluence, type HeadVectors } from '../views/neurons';
import { tokenOf, type Draw } from './drawing';
import { neuronsCaption, NeuronsView, sharesMatrix } from './neuronsView';

/** What the attention of a kept token is made of, in the head chosen or else the first. */
export const drawNeurons: Draw = async ({ analysis, view, vectors: ask, current }, tools) => {
  const { model, tokens } = analysis;
  const [layer, head] = [view.choice.layer ?? model.layers - 1, view.choice.head ?? 0];
  const source = await ask();
  if (!source || !current()) return undefined;
  const [q, k, v, attention] = await Promise.all(['q', 'k', 'v', 'attentions'].map((tensor) => source.slice(tensor, [layer, head])));
  // Its first is what enters the first layer.
  const hidden = await source.slice('hidden_states', [layer + 1]);
  if (!current()) return undefined;
  const vectors: HeadVectors = { queries: q.data, keys: k.data, values: v.data, attention: attention.data, size: q.shape[q.shape.length - 1], hidden: hidden.data };
  const row = tokenOf({ analysis, view });
  const sorted = view.sorted !== false;
  const order = sorted ? byInfluence(vectors, row) : Array.from({ length: vectors.size }, (_, i) => i);
  const names = tokens.map((token) => readable(token.text));
  const title = `Neurons of ${names[row]}, layer ${layer + 1}, head ${head + 1}`;
  return {
    title,
    caption: neuronsCaption(title, order, names[row], (next) => tools.onChange({ ...view, sorted: next }), sorted),
    shown: { matrix: sharesMatrix(title, names, attention.data), mixing: true },
    scale: false,
    view: new NeuronsView({ key: `${analysis.id} ${view.changed ?? ''} ${layer} ${head}`, tokens: names, vectors, row, order, layer: layer + 1 }, (token) => tools.onKeep([token], false)),
    alike: true,
    kept: [row],
  };
};
