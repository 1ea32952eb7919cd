import type { Prediction, TrustMatrix } from '../../protocol/messages';
import type { Matrix } from '../views/heatmap';
import { element } from '../panel/elements';
import { targetText } from '../panel/target';
import type { Draw } from './drawing';
import { HeatmapView } from './heatmapView';

/** The agreement of methods as a matrix of cells, a method each row and column. */
function trustMatrix(trust: TrustMatrix, analysis: string): Matrix {
  return {
    key: `trust ${analysis} ${trust.target}`,
    rows: trust.methods.map((method, i) => ({ label: `${i + 1}  ${method.title}`, tokens: [] })),
    columns: trust.methods.map((_, i) => ({ label: `${i + 1}`, tokens: [] })),
    data: Float32Array.from(trust.correlations, (correlation) => correlation ?? NaN),
    range: [-1, 1],
    diverging: true,
    square: true,
    room: { left: 290, top: 30 },
  };
}

/** How to read it, and how not to. */
function trustCaption(trust: TrustMatrix, title: string, predictions: Prediction[]): HTMLElement[] {
  const about =
    `Rank correlation of the token importances of each two methods for ${targetText(trust.target, predictions)}, over ${trust.tokens.length} tokens. ` +
    'The first two rows change the input and see what happens to the prediction; a method that orders tokens as they do is faithful to the model on this text. ' +
    `Correlations below ${trust.byChance.toFixed(2)} are what chance gives.`;
  const caution =
    'Blank-out is no ground truth: tokens that stand in for each other hide one another, and a text with a mask in it may be one the model never saw. ' +
    'A method may be right where it disagrees, and one text says little about others.';
  return [element('p', {}, element('strong', {}, `${title}. `), about), element('details', {}, element('summary', {}, 'What this does not mean'), element('p', {}, caution))];
}

/** How methods agree. */
export const drawTrust: Draw = async ({ analysis, trust: ask, current }, { viewport }) => {
  const trust = await ask();
  if (!trust || !current()) return undefined;
  const title = 'Which method to trust here';
  const matrix = trustMatrix(trust, analysis.id);
  viewport.reset();
  return { title, caption: trustCaption(trust, title, analysis.predictions), shown: { matrix, mixing: false }, scale: true, view: new HeatmapView(matrix, [], () => {}, viewport, false), alike: false };
};
