import type { Curve, Rect, Scene } from '../scene/scene';
import { fit, thin } from '../toolkit/labels';

/** A token after a layer; layer 0 is the input. */
export interface FlowNode {
  layer: number;
  token: number;
}

/** What goes from a token after a layer (`layer` + 1) to one before it. */
export interface FlowEdge {
  layer: number;
  to: number;
  from: number;
  /** Share of the strongest. */
  share: number;
  value: number;
  /** Part of the bottleneck. */
  full: boolean;
}

export interface FlowInput {
  tokens: string[];
  layers: number;
  /** Strongest first. */
  edges: FlowEdge[];
  /** How much arrives at each token, layer by layer from the input [layers + 1][tokens], as shares of the most. */
  arrived: Float32Array[];
  source: number;
  /** The input token that a flow goes to. */
  sink?: number;
  hovered?: FlowNode;
  highlighted: number[];
  width: number;
  height: number;
  measure: (text: string) => number;
}

const margin = { top: 26, bottom: 8 };
const lineHeight = 15;
const tallestLine = 28;

interface Frame {
  left: number;
  right: number;
  pitch: number;
  x(layer: number): number;
  y(token: number): number;
}

type Place = Pick<FlowInput, 'tokens' | 'layers' | 'width' | 'height'>;

function frame({ tokens, layers, width, height }: Place): Frame {
  const room = Math.min(150, Math.max(56, width * 0.2));
  const pitch = Math.min(tallestLine, (height - margin.top - margin.bottom) / Math.max(1, tokens.length));
  const [left, right] = [room, width - room];
  return { left, right, pitch, x: (layer) => left + (layer / layers) * (right - left), y: (token) => margin.top + (token + 0.5) * pitch };
}

/** The height in which tokens stand as far apart as they get. */
export function tallestFlow(tokens: number): number {
  return margin.top + tokens * tallestLine + margin.bottom;
}

/** Tokens of the input on the left, of the top layer on the right, and what goes between them in each layer. */
export function flow(input: FlowInput): Scene<FlowNode> {
  const scene: Scene<FlowNode> = { width: input.width, height: input.height, items: [], regions: [] };
  const { x, y, pitch } = frame(input);
  const { hovered } = input;
  const touches = (edge: FlowEdge) => !hovered || (edge.layer + 1 === hovered.layer && edge.to === hovered.token) || (edge.layer === hovered.layer && edge.from === hovered.token);
  scene.items.push({ kind: 'curves', list: hovered ? curvesOf(input, input.edges.filter(touches)) : allCurves(input) });
  const radius = Math.min(6, Math.max(1.5, pitch * 0.4));
  input.arrived.forEach((amounts, layer) =>
    amounts.forEach((amount, token) => {
      const pointed = hovered?.layer === layer && hovered.token === token;
      if (amount > 0.02 || pointed) scene.items.push({ kind: 'disc', x: x(layer), y: y(token), radius: pointed ? radius + 2 : radius * Math.sqrt(amount), ink: pointed ? 'focus' : 'accent', opacity: 0.9 });
    }),
  );
  labels(scene, input, 'input');
  labels(scene, input, 'output');
  const every = Math.max(1, Math.ceil(48 / (x(1) - x(0))));
  for (let layer = 0; layer <= input.layers; layer++)
    if (layer === 0 || layer === input.layers || (layer % every === 0 && input.layers - layer >= every))
      scene.items.push({ kind: 'label', text: layer === 0 ? 'input' : layer === 1 || layer === input.layers ? `layer ${layer}` : `${layer}`, x: x(layer), y: 10, align: 'center', angle: 0, role: 'muted', axis: 'none' });
  return scene;
}

function curvesOf(input: FlowInput, edges: FlowEdge[]): Curve[] {
  const { x, y } = frame(input);
  // Strong lines lie on top.
  return edges.toReversed().map((edge): Curve => ({
    from: [x(edge.layer), y(edge.from)],
    to: [x(edge.layer + 1), y(edge.to)],
    ink: edge.full ? { series: 1 } : 'accent',
    width: 0.7 + 4 * edge.share,
    opacity: Math.max(edge.full ? 0.35 : 0.06, edge.share),
  }));
}

/** The lines of all edges are the same in every frame until the picture changes its size. */
const kept = new WeakMap<FlowEdge[], { size: string; list: Curve[] }>();

function allCurves(input: FlowInput): Curve[] {
  const size = `${input.width} ${input.height}`;
  let known = kept.get(input.edges);
  if (known?.size !== size) kept.set(input.edges, (known = { size, list: curvesOf(input, input.edges) }));
  return known.list;
}

function labels(scene: Scene<FlowNode>, input: FlowInput, side: 'input' | 'output'): void {
  const { left, right, y, pitch } = frame(input);
  const centres = input.tokens.map((_, i) => y(i));
  const chosen = side === 'output' ? input.source : input.sink;
  const pointed = input.hovered?.layer === (side === 'input' ? 0 : input.layers) ? input.hovered.token : undefined;
  const strong = [...new Set([chosen, pointed, ...input.highlighted].filter((i) => i !== undefined && i < input.tokens.length))] as number[];
  const room = (side === 'input' ? left : input.width - right) - 14;
  for (const i of thin(centres, Math.min(lineHeight, Math.max(lineHeight - 2, pitch)), 0, input.height, strong)) {
    const text = fit(input.tokens[i], room, input.measure);
    scene.items.push({ kind: 'label', text, x: side === 'input' ? left - 10 : right + 10, y: centres[i], align: side === 'input' ? 'right' : 'left', angle: 0, role: strong.includes(i) ? 'accent' : 'foreground', bold: i === chosen, axis: side === 'input' ? 'rows' : 'columns' });
  }
}

/** The token and layer nearest to a place. */
export function nodeAt(input: Place, x: number, y: number): FlowNode | undefined {
  const { left, right, pitch } = frame(input);
  const token = Math.floor((y - margin.top) / pitch);
  if (token < 0 || token >= input.tokens.length) return undefined;
  const layer = Math.round(((x - left) / (right - left)) * input.layers);
  return { layer: Math.min(input.layers, Math.max(0, layer)), token };
}

export function areaOfNode(input: Place, { layer, token }: FlowNode): Rect {
  const { x, y, pitch } = frame(input);
  return { x: x(layer) - 6, y: y(token) - pitch / 2, width: 12, height: pitch };
}
