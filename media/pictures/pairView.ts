import { moved, type Rect, type Scene } from '../scene/scene';
import type { Surroundings, Telling, View } from '../panel/stage';
import { fit } from '../toolkit/labels';
import type { Viewport } from '../toolkit/viewport';
import { mapArea, type Cell, type Matrix } from '../views/heatmap';
import { HeatmapView } from './heatmapView';

/** A cell of one of two maps. */
export interface PairCell extends Cell {
  side: 0 | 1;
}

const heading = 22;
/** Narrower than this, two maps beside each other are too small to read. */
const narrow = 560;
const tallest = 340;

/** Two maps of the same tokens, side by side or one above the other: pointed at, zoomed and moved as one. */
export class PairView implements View<PairCell> {
  readonly kind = 'pair of heat maps';
  readonly zoom: NonNullable<View<PairCell>['zoom']>;
  private readonly maps: [HeatmapView, HeatmapView];

  constructor(
    private readonly matrices: [Matrix, Matrix],
    private readonly titles: [string, string],
    selected: number[],
    private readonly onKeep: (cell: Cell | undefined, add: boolean) => void,
    viewport: Viewport,
  ) {
    this.maps = [new HeatmapView(matrices[0], selected, onKeep, viewport, true), new HeatmapView(matrices[1], selected, onKeep, viewport, true)];
    const { zoom } = this.maps[0];
    this.zoom = { viewport, area: (around) => this.areaAt(around), largest: (around) => zoom.largest(this.half(around, 0)) };
  }

  get label(): string {
    return `${this.titles.join(' beside ')}. Use the arrow keys to walk the cells, Enter to keep a row.`;
  }

  scene(around: Surroundings<PairCell>): Scene<PairCell> {
    const { width, height } = around;
    const scene: Scene<PairCell> = { width, height, items: [], regions: [] };
    for (const side of [0, 1] as const) {
      const { x, y, width } = this.place(around, side);
      const half = moved(this.maps[side].scene(this.half(around, side)), x, y + heading);
      scene.items.push({ kind: 'label', text: fit(this.titles[side], width - 16, around.measure), x: x + 8, y: y + heading / 2, align: 'left', angle: 0, role: 'foreground', bold: true, axis: 'none' }, ...half.items);
    }
    return scene;
  }

  at(around: Surroundings<PairCell>, x: number, y: number): PairCell | undefined {
    for (const side of [0, 1] as const) {
      const place = this.place(around, side);
      const cell = this.maps[side].at(this.half(around, side), x - place.x, y - place.y - heading);
      if (cell) return { ...cell, side };
    }
    return undefined;
  }

  tell(around: Surroundings<PairCell>, cell: PairCell): Telling | undefined {
    const [here, there] = [cell.side, 1 - cell.side] as const;
    const place = this.place(around, here);
    const telling = this.maps[here].tell(this.half(around, here), cell);
    const other = this.maps[there].tell(this.half(around, here), cell);
    if (!telling || !other) return undefined;
    const elsewhere = other.text.slice(other.text.indexOf('   ') + 3);
    const beside = this.place(around, 1).x > 0;
    return {
      text: `${telling.text}   ${beside ? (here === 0 ? 'right' : 'left') : here === 0 ? 'below' : 'above'}: ${elsewhere}`,
      spoken: `${telling.spoken}, in the other map ${elsewhere}`,
      area: { ...telling.area, x: telling.area.x + place.x, y: telling.area.y + place.y + heading },
      tokens: telling.tokens,
    };
  }

  step(cell: PairCell | undefined, down: number, right: number): PairCell {
    return { ...this.maps[cell?.side ?? 0].step(cell, down, right), side: cell?.side ?? 0 };
  }

  same(a: PairCell, b: PairCell): boolean {
    return a.side === b.side && this.maps[0].same(a, b);
  }

  keep(cell: PairCell | undefined, add: boolean): void {
    this.onKeep(cell, add);
  }

  /** One above the other, in a narrow panel, takes the height of both. */
  height(width: number): number {
    return width < narrow ? 2 * (heading + Math.min(tallest, width)) : 0;
  }

  /** One above the other, too. */
  tallest(width: number): number {
    return 2 * (heading + this.maps[0].tallest(width));
  }

  /** Where one of the two is drawn: beside or above the other, whichever makes the maps larger. */
  private place({ width, height }: Pick<Surroundings<PairCell>, 'width' | 'height'>, side: 0 | 1): Rect {
    const [half, low] = [Math.floor(width / 2), Math.floor(height / 2)];
    const wide = this.cells(half, height) >= this.cells(width, low);
    return wide ? { x: side * half, y: 0, width: half, height } : { x: 0, y: side * low, width, height: low };
  }

  /** How wide a map comes out in so much room. */
  private cells(width: number, height: number): number {
    return mapArea({ width, height: height - heading, matrix: this.matrices[0] }).width;
  }

  /** What one of the two knows of its surroundings. Both point at the cell pointed at. */
  private half(around: Surroundings<PairCell>, side: 0 | 1): Surroundings<Cell> {
    const { width, height } = this.place(around, side);
    return { ...around, width, height: height - heading };
  }

  /** The area of the map the pointer is on, as far as is known: both are alike but for their place. */
  private areaAt(around: Surroundings<PairCell>): Rect {
    const side = around.hovered?.side ?? 0;
    const { x, y } = this.place(around, side);
    const area = this.maps[side].zoom.area(this.half(around, side));
    return { ...area, x: area.x + x, y: area.y + y + heading };
  }
}
