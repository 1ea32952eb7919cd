import { number } from '../toolkit/labels';
import { Viewport } from '../toolkit/viewport';
import { areaOf, cellAt, heatmap, mapArea, tallestMap, type Cell, type HeatmapInput, type Matrix } from '../views/heatmap';
import type { Surroundings, Telling, View } from '../panel/stage';

const pixelsPerCellAtMost = 72;

/** A matrix as a heat map: its cells can be pointed at, its rows kept, and it can be zoomed. */
export class HeatmapView implements View<Cell> {
  readonly kind = 'heat map';
  readonly zoom: NonNullable<View<Cell>['zoom']>;

  /** `arrow` stands between a row and a column where the row draws on the column. */
  constructor(
    readonly matrix: Matrix,
    private readonly selected: number[],
    private readonly onKeep: (cell: Cell | undefined, add: boolean) => void,
    viewport: Viewport,
    private readonly arrow: boolean,
  ) {
    this.zoom = {
      viewport,
      area: (around) => mapArea(this.input(around)),
      largest: (around) => Math.max(1, (pixelsPerCellAtMost * matrix.columns.length) / mapArea(this.input(around)).width),
    };
  }

  get label(): string {
    const { rows, columns, square } = this.matrix;
    return `Heat map of ${rows.length} by ${columns.length} ${square && this.arrow ? 'tokens' : 'cells'}. Use the arrow keys to walk its cells, Enter to keep a row.`;
  }

  tallest(width: number): number {
    return tallestMap(width, this.matrix);
  }

  scene(around: Surroundings<Cell>): ReturnType<typeof heatmap> {
    return heatmap(this.input(around));
  }

  at(around: Surroundings<Cell>, x: number, y: number): Cell | undefined {
    return cellAt(this.input(around), x, y);
  }

  tell(around: Surroundings<Cell>, cell: Cell): Telling | undefined {
    const { matrix } = this;
    const [row, column] = [matrix.rows[cell.row], matrix.columns[cell.column]];
    if (!row || !column) return undefined;
    const width = matrix.columns.length;
    const numbers = matrix.data.subarray(cell.row * width, (cell.row + 1) * width);
    const value = numbers[cell.column];
    const rank = 1 + numbers.reduce((count, other) => count + (other > value ? 1 : 0), 0);
    const text = Number.isNaN(value) ? 'no order to compare' : `${number(value)}   rank ${rank} of ${width}`;
    return {
      text: `${row.label} ${this.arrow ? '←' : '·'} ${column.label}   ${text}`,
      spoken: `${row.label} ${this.arrow ? 'draws on' : ','} ${column.label} ${text}`,
      area: areaOf(this.input(around), cell),
      tokens: [...new Set([...row.tokens, ...column.tokens])],
    };
  }

  step(cell: Cell | undefined, down: number, right: number): Cell {
    const clamp = (i: number, count: number) => Math.min(count - 1, Math.max(0, i));
    const { rows, columns } = this.matrix;
    const next = cell ? { row: clamp(cell.row + down, rows.length), column: clamp(cell.column + right, columns.length) } : { row: 0, column: 0 };
    this.zoom.viewport.reveal(next.row, next.column, rows.length, columns.length);
    return next;
  }

  same(a: Cell, b: Cell): boolean {
    return a.row === b.row && a.column === b.column;
  }

  keep(cell: Cell | undefined, add: boolean): void {
    this.onKeep(cell, add);
  }

  private input(around: Surroundings<Cell>): HeatmapInput {
    return { ...around, matrix: this.matrix, selected: this.selected, viewport: this.zoom.viewport };
  }
}
