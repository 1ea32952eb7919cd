import type { Matrix } from '../views/heatmap';
import { strongest } from './bars';
import { element } from './elements';

const describedRows = 128;
const listed = 3;
/** Whoever goes through many pictures is told about the one they stay with. */
const settledMilliseconds = 120;

/** The picture in words, a line for each row, for readers who do not see it. */
export class Mirror {
  readonly root = element('ul', { class: 'visually-hidden', 'aria-label': 'The picture in words' });

  private settling?: ReturnType<typeof setTimeout>;

  show(matrix: Matrix, mixing: boolean): void {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.write(matrix, mixing), settledMilliseconds);
  }

  private write({ rows, columns, data }: Matrix, mixing: boolean): void {
    const count = columns.length;
    this.root.replaceChildren(
      ...rows.slice(0, describedRows).map((row, i) => {
        const list = strongest((j) => data[i * count + j] || 0, count, listed);
        return element('li', {}, `${row.label} ${mixing ? 'draws on' : ':'} ${list.map((item) => `${columns[item.index].label} ${item.value.toFixed(2)}`).join(', ')}`);
      }),
    );
  }
}
