import type { DataSource } from '../data/source';
import { element } from '../panel/elements';
import { number, readable } from '../toolkit/labels';
import { strongest } from '../toolkit/strongest';
import type { FlowEdge, FlowNode } from '../views/flow';
import { noMatrix, tokenOf, type Draw } from './drawing';
import { FlowView } from './flowView';

/** More edges than this are a grey cloud: the strongest are drawn. */
const mostEdges = 10_000;
export const flowEdges = ['rollout', 'attention', 'flow'] as const;
type Kind = (typeof flowEdges)[number];

const readings: Record<Kind, (source: string, layers: number, sink: string, total: number) => string> = {
  rollout: (source, layers) => `Where ${source} after layer ${layers} comes from, if each layer kept half of a token and mixed in the other half by its mean attention: the lines of a layer add up to 1, and those that end in an input token to its rollout.`,
  attention: (_, layers) => `The mean attention of the lower ${layers} layers, as it is: what is drawn on, whether or not it reaches any output.`,
  flow: (source, layers, sink, total) => `At most ${number(total)} can flow from ${source} after layer ${layers} to ${sink} in the input, if attention (half of it the residual path) were the width of pipes. Lines of the second colour are the bottleneck: all full, together as wide as the flow.`,
};

const cautions: Record<Kind, string> = {
  rollout: 'That mixing is linear and half of a token stays are assumptions; values, norms and feed-forward parts are left out, and heads count alike.',
  attention: 'Attention says where a layer looks, not what it takes from there, and tokens of higher layers are mixtures already.',
  flow: 'Pipes are shared: what could flow to one input token could not flow to all at once. There are often several maximum flows and several bottlenecks of the same width; one of each is drawn.',
};

/** Tokens and layers as a graph: the ways from an output token back to the input. */
export const drawFlow: Draw = async (wanted, tools) => {
  const { analysis, view, flow: ask, current } = wanted;
  const tokens = analysis.tokens.map((token) => readable(token.text));
  const kind = flowEdges.find((edges) => edges === view.edges) ?? 'rollout';
  const layers = (view.choice.layer ?? analysis.model.layers - 1) + 1;
  const source = tokenOf(wanted);
  const sink = Math.min(tokens.length - 1, view.sink ?? firstOther(analysis.tokens.map((token) => token.special), source));
  const stored = await ask(kind, source, sink, layers);
  if (!stored || !current()) return undefined;
  const graph = await graphOf(stored, layers, tokens.length, kind, view.threshold ?? 0);
  if (!current()) return undefined;
  const goesTo = kind === 'flow' ? sink : undefined;
  const title = `${kind === 'flow' ? 'Maximum flow' : kind === 'rollout' ? 'Rollout' : 'Attention'} of ${tokens[source]}${goesTo === undefined ? '' : ` to ${tokens[goesTo]}`}, ${layers} ${layers === 1 ? 'layer' : 'layers'}`;
  return {
    title,
    caption: [
      element('p', {}, element('strong', {}, `${title}. `), `${readings[kind](tokens[source], layers, tokens[sink], graph.total)} Click a token on the right to come from there${kind === 'flow' ? ', one on the left to go there' : ''}.`),
      element('details', {}, element('summary', {}, 'What this does not mean'), element('p', {}, cautions[kind]), element('p', { class: 'quiet' }, 'Abnar and Zuidema 2020, Quantifying Attention Flow in Transformers')),
    ],
    shown: noMatrix(title),
    scale: false,
    view: new FlowView({ tokens, layers, edges: graph.edges, arrived: graph.arrived, source, sink: goesTo }, (node: FlowNode) => {
      if (node.layer === layers) tools.onKeep([node.token], false);
      else if (node.layer === 0) tools.onChange({ ...view, edges: 'flow', sink: node.token });
    }),
    alike: true,
    controls: 'flow',
  };
};

/** The first token to ask about besides the one looked at. */
function firstOther(special: boolean[], source: number): number {
  const found = special.findIndex((is, i) => !is && i !== source);
  return found < 0 ? 0 : found;
}

async function graphOf(stored: DataSource, layers: number, tokens: number, kind: Kind, threshold: number): Promise<{ edges: FlowEdge[]; arrived: Float32Array[]; total: number }> {
  const cells = tokens * tokens;
  const maps = await Promise.all(Array.from({ length: layers }, async (_, layer) => (await stored.slice('edges', [layer])).data));
  const [cut, total] = kind === 'flow' ? await Promise.all([stored.slice('cut', []), stored.slice('total', [])]) : [undefined, undefined];
  const full = new Set<number>();
  for (let i = 0; cut && i < cut.data.length; i += 4) full.add(cut.data[i] * cells + cut.data[i + 1] * tokens + cut.data[i + 2]);
  const value = (at: number) => maps[Math.floor(at / cells)][at % cells];
  const largest = Math.max(...maps.map((map) => map.reduce((most, one) => Math.max(most, one), 0))) || 1;
  const strong = maps.flatMap((map, layer) => strongest(map, mostEdges, threshold * largest).map((at) => layer * cells + at)).sort((a, b) => value(b) - value(a));
  // The bottleneck is what is looked for: however narrow its pipes, they are drawn.
  const places = [...new Set([...strong.slice(0, mostEdges), ...full])];
  const edges = places.map((at): FlowEdge => {
    const [layer, cell] = [Math.floor(at / cells), at % cells];
    return { layer, to: Math.floor(cell / tokens), from: cell % tokens, share: value(at) / largest, value: value(at), full: full.has(at) };
  });
  return { edges, arrived: arrivals(maps, tokens), total: total?.data[0] ?? 1 };
}

/** How much comes down to each token, as shares of the most. */
function arrivals(maps: Float32Array[], tokens: number): Float32Array[] {
  const amounts = Array.from({ length: maps.length + 1 }, () => new Float32Array(tokens));
  maps.forEach((map, layer) => {
    for (let to = 0; to < tokens; to++)
      for (let from = 0; from < tokens; from++) {
        amounts[layer][from] += map[to * tokens + from];
        if (layer === maps.length - 1) amounts[layer + 1][to] += map[to * tokens + from];
      }
  });
  const most = Math.max(...amounts.map((layer) => layer.reduce((a, b) => Math.max(a, b), 0))) || 1;
  return amounts.map((layer) => layer.map((amount) => amount / most));
}
