import { moved, type Rect, type Scene } from '../scene/scene';
import type { Surroundings, Telling, View } from '../panel/stage';
import type { Viewport } from '../toolkit/viewport';
import type { Cell, Matrix } from '../views/heatmap';
import { HeatmapView } from './heatmapView';

/** A cell of one of two maps. */
export interface PairCell extends Cell {
  side: 0 | 1;
}

const heading = 22;

/** Two maps of the same tokens, side by side or one above the other: pointed at, zoomed and moved as one. */
export class PairView implements View<PairCell> {
  readonly kind = 'pair of heat maps';
  readonly zoom: NonNullable<View<PairCell>['zoom']>;
  private readonly maps: [HeatmapView, HeatmapView];

  constructor(
    matrices: [Matrix, Matrix],
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
      const { x, y } = this.place(around, side);
      const half = moved(this.maps[side].scene(this.half(around, side)), x, y + heading);
      scene.items.push({ kind: 'label', text: this.titles[side], x: x + 8, y: y + heading / 2, align: 'left', angle: 0, role: 'foreground', bold: true, axis: 'none' }, ...half.items);
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
    return {
      text: `${telling.text}   ${here === 0 ? 'right' : 'left'}: ${elsewhere}`,
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

  /** Where one of the two is drawn. */
  private place({ width, height }: Surroundings<PairCell>, side: 0 | 1): Rect {
    const wide = width >= height;
    const [w, h] = wide ? [Math.floor(width / 2), height] : [width, Math.floor(height / 2)];
    return { x: wide ? side * w : 0, y: wide ? 0 : side * h, width: w, height: h };
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
