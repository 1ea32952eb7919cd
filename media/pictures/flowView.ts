import { areaOfNode, flow, nodeAt, tallestFlow, type FlowInput, type FlowNode } from '../views/flow';
import type { Surroundings, Telling, View } from '../panel/stage';
import { number } from '../toolkit/labels';

const told = 3;

/** The ways from an output token back to the input; a click on the right chooses another output token, one on the left an input token. */
export class FlowView implements View<FlowNode> {
  readonly kind = 'flow diagram';

  constructor(
    private readonly given: Omit<FlowInput, 'width' | 'height' | 'measure' | 'hovered' | 'highlighted'>,
    private readonly onKeep: (node: FlowNode) => void,
  ) {}

  get label(): string {
    const { tokens, layers, source } = this.given;
    return `Ways from ${tokens[source]} after layer ${layers} back to ${tokens.length} input tokens. Use the arrow keys to walk tokens and layers, Enter on the last layer or the input to choose a token.`;
  }

  tallest(): number {
    return tallestFlow(this.given.tokens.length);
  }

  scene(around: Surroundings<FlowNode>): ReturnType<typeof flow> {
    return flow(this.input(around));
  }

  at(around: Surroundings<FlowNode>, x: number, y: number): FlowNode | undefined {
    return nodeAt(this.input(around), x, y);
  }

  tell(around: Surroundings<FlowNode>, node: FlowNode): Telling | undefined {
    const { tokens, edges } = this.given;
    if (tokens[node.token] === undefined) return undefined;
    const list = (kept: typeof edges, other: 'to' | 'from') =>
      kept
        .slice(0, told)
        .map((edge) => `${tokens[edge[other]]} ${number(edge.value)}`)
        .join(', ');
    const below = edges.filter((edge) => edge.layer + 1 === node.layer && edge.to === node.token);
    const above = edges.filter((edge) => edge.layer === node.layer && edge.from === node.token);
    const parts = [...(below.length > 0 ? [`← ${list(below, 'from')}`] : []), ...(above.length > 0 ? [`→ ${list(above, 'to')}`] : [])];
    const where = node.layer === 0 ? 'input' : `layer ${node.layer}`;
    const text = `${tokens[node.token]} (${where})   ${parts.join('   ') || 'nothing of it is drawn'}`;
    return { text, spoken: text.replace('←', 'draws on').replace('→', 'is drawn on by'), area: areaOfNode(this.input(around), node), tokens: [node.token] };
  }

  step(node: FlowNode | undefined, down: number, right: number): FlowNode {
    const { tokens, layers, source } = this.given;
    if (!node) return { layer: layers, token: source };
    return { layer: Math.min(layers, Math.max(0, node.layer + Math.sign(right))), token: Math.min(tokens.length - 1, Math.max(0, node.token + down)) };
  }

  same(a: FlowNode, b: FlowNode): boolean {
    return a.layer === b.layer && a.token === b.token;
  }

  keep(node: FlowNode | undefined): void {
    if (node) this.onKeep(node);
  }

  private input(around: Surroundings<FlowNode>): FlowInput {
    return { ...around, ...this.given };
  }
}
