import type { AnalysisSummary } from '../../protocol/messages';
import type { Cell, Matrix } from '../views/heatmap';
import { bars, strongest } from './bars';
import type { Edits } from './edits';
import { element } from './elements';
import type { Explanation } from './explanation';

const listed = 6;

/** Beside the picture: what the token pointed at or kept draws on, what the model predicts, and why. */
export class Details {
  readonly root = element('aside', { class: 'details', 'aria-label': 'About the token' });
  private readonly token = element('div', { class: 'part' });
  private readonly predictions = element('div', { class: 'part' });

  constructor(explanation: Explanation, edits: Edits) {
    this.root.append(this.token, this.predictions, edits.root, explanation.root);
  }

  /** The numbers of a row and of its column, over the lines shown. */
  showToken(matrix: Matrix, mixing: boolean, rows: number[]): void {
    if (!mixing) {
      this.token.replaceChildren(rows.length > 0 ? rowBars(matrix, rows[0]) : hint('Point at the picture to read its numbers; click a row to keep it.'));
      return;
    }
    if (rows.length === 0) {
      this.token.replaceChildren(hint('Point at the picture to read its numbers; click a row to keep it, with Shift to add it.'));
      return;
    }
    const count = matrix.columns.length;
    const name = rows.map((row) => matrix.rows[row].label).join(' + ');
    const sum = (value: (row: number) => number) => rows.reduce((total, row) => total + value(row), 0);
    const named = (list: { index: number; value: number }[]) => list.map((item) => ({ text: matrix.columns[item.index].label, value: item.value }));
    this.token.replaceChildren(
      bars(`${name} ${rows.length > 1 ? 'draw' : 'draws'} on`, named(strongest((j) => sum((row) => matrix.data[row * count + j]), count, listed))),
      bars(`${name} ${rows.length > 1 ? 'are' : 'is'} drawn on by`, named(strongest((i) => sum((row) => matrix.data[i * count + row]), count, listed))),
    );
  }

  /** What the model predicts; `before` what it predicted without changes. */
  showPredictions(analysis: AnalysisSummary, before?: AnalysisSummary): void {
    this.predictions.replaceChildren(
      ...analysis.predictions.map((prediction) => {
        const where = prediction.token === undefined ? '' : ` at token ${prediction.token}`;
        const known = new Map(before?.predictions.find((other) => other.token === prediction.token)?.candidates.map((c) => [c.target, c.probability]));
        const list = prediction.candidates.slice(0, listed).map((c) => ({ text: c.text, value: c.probability, was: known.get(c.target) }));
        // What was likely before and is not any more belongs to the story.
        const lost = [...known].filter(([target]) => before && !prediction.candidates.some((c) => c.target === target)).slice(0, 1);
        const gone = before?.predictions.find((other) => other.token === prediction.token)?.candidates.filter((c) => lost.some(([target]) => target === c.target)) ?? [];
        return bars(`${prediction.title}${where}`, [...list, ...gone.map((c) => ({ text: c.text, value: 0, was: c.probability }))], 1);
      }),
    );
  }
}

/** The rows that a cell, or else what is kept, is about. */
export function rowsOf(cell: Cell | undefined, kept: number[]): number[] {
  return cell ? [cell.row] : kept;
}

function rowBars(matrix: Matrix, row: number): HTMLElement {
  const count = matrix.columns.length;
  const list = strongest((column) => matrix.data[row * count + column], count, listed);
  return bars(matrix.rows[row].label, list.map((item) => ({ text: matrix.columns[item.index].label, value: item.value })));
}

function hint(text: string): HTMLElement {
  return element('section', { class: 'bars' }, element('h2', {}, 'Token'), element('p', { class: 'quiet' }, text));
}
