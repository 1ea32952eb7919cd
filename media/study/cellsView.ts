import type { Surroundings, Telling, View } from '../panel/stage';
import type { Rect, Scene } from '../scene/scene';
import { Viewport } from '../toolkit/viewport';
import { areaOf, cellAt, heatmap, type Cell, type HeatmapInput, type Matrix } from '../views/heatmap';

/** Few layers have higher rows. */
const [lowRow, highRow, fewRows] = [24, 40, 6];
const margins = 72;
/** Cells at least this large hold their number, and the mark in front of it. */
const numbered = { width: 40, height: 16 };

/** Layers × zones: each cell is one masked run, which can be pointed at and chosen. */
export interface Cells {
  matrix: Matrix;
  /** A sign for what a cell found, which colour alone must not tell; empty where there is none. */
  marks: string[];
  /** What a cell says where it is pointed at. */
  tell(at: number): string;
  /** The same at length, for readers who do not see it. */
  say(at: number): string;
}

/** A heat map of which one cell is chosen, and whose cells carry marks. */
export class CellsView implements View<Cell> {
  readonly kind = 'heat map';
  readonly label: string;
  private readonly viewport = new Viewport();

  constructor(
    private readonly cells: Cells,
    private readonly chosen: Cell | undefined,
    private readonly onChoose: (cell: Cell) => void,
  ) {
    const { rows, columns } = cells.matrix;
    this.label = `Heat map of ${rows.length} layers by ${columns.length} zones. Use the arrow keys to walk its cells, Enter to look at one.`;
  }

  height(): number {
    const { length } = this.cells.matrix.rows;
    return margins + length * (length <= fewRows ? highRow : lowRow);
  }

  scene(around: Surroundings<Cell>): Scene<Cell> {
    const input = this.input(around);
    const scene = heatmap(input);
    const { matrix, marks } = this.cells;
    if (this.chosen) scene.items.push({ kind: 'box', area: inset(areaOf(input, this.chosen)), stroke: 'focus', width: 2, mark: true });
    const first = areaOf(input, { row: 0, column: 0 });
    if (first.width >= numbered.width && first.height >= numbered.height) return scene;
    const [low, high] = matrix.range;
    marks.forEach((text, at) => {
      if (!text) return;
      const area = areaOf(input, { row: Math.floor(at / matrix.columns.length), column: at % matrix.columns.length });
      scene.items.push({ kind: 'label', text, x: area.x + area.width / 2, y: area.y + area.height / 2, align: 'center', angle: 0, role: 'foreground', axis: 'none', on: { share: (matrix.data[at] - low) / (high - low || 1), diverging: matrix.diverging } });
    });
    return scene;
  }

  at(around: Surroundings<Cell>, x: number, y: number): Cell | undefined {
    return cellAt(this.input(around), x, y);
  }

  tell(around: Surroundings<Cell>, cell: Cell): Telling | undefined {
    const { rows, columns } = this.cells.matrix;
    const [row, column] = [rows[cell.row], columns[cell.column]];
    if (!row || !column) return undefined;
    const at = cell.row * columns.length + cell.column;
    const name = `${column.label}, ${row.label.toLowerCase()}`;
    return { text: `${name}   ${this.cells.tell(at)}`, spoken: `${name}: ${this.cells.say(at)}`, area: areaOf(this.input(around), cell), tokens: [] };
  }

  step(cell: Cell | undefined, down: number, right: number): Cell {
    const within = (i: number, count: number) => Math.min(count - 1, Math.max(0, i));
    const { rows, columns } = this.cells.matrix;
    const from = cell ?? this.chosen;
    return from ? { row: within(from.row + down, rows.length), column: within(from.column + right, columns.length) } : { row: 0, column: 0 };
  }

  same(a: Cell, b: Cell): boolean {
    return a.row === b.row && a.column === b.column;
  }

  keep(cell: Cell | undefined): void {
    if (cell) this.onChoose(cell);
  }

  private input(around: Surroundings<Cell>): HeatmapInput {
    return { ...around, matrix: this.cells.matrix, selected: [], viewport: this.viewport };
  }
}

function inset({ x, y, width, height }: Rect): Rect {
  return { x: x + 1.5, y: y + 1.5, width: width - 4, height: height - 4 };
}
