import type { CanvasKit } from 'canvaskit-wasm';
import { Renderer } from '../skia/renderer';
import { number, readable } from '../toolkit/labels';
import { Viewport } from '../toolkit/viewport';
import { areaOf, cellAt, heatmap, mapArea, type Cell, type HeatmapInput } from '../views/heatmap';
import { element, oncePerFrame } from './elements';
import { currentTheme } from './theme';

/** The numbers on screen and how to read them. */
export interface ShownMap {
  key: string;
  /** All tokens, [T,T]. */
  data: Float32Array;
  tokens: string[];
  shown: number[];
  /** The part over the shown tokens. */
  part: Float32Array;
  range: [number, number];
  /** The map in words. */
  title: string;
}

const pixelsPerCellAtMost = 72;

/** The large heat map: drawing, pointing, zooming, and walking it by keyboard. */
export class MapView {
  readonly root: HTMLElement;
  onHover: (cell: Cell | undefined) => void = () => {};
  onSelect: (token: number | undefined) => void = () => {};
  onDrawn: (kind: 'webgl' | 'software') => void = () => {};
  private readonly canvas = element('canvas', { 'aria-hidden': 'true' });
  private readonly overlay = element('canvas', { class: 'overlay', 'aria-hidden': 'true' });
  private readonly tip = element('div', { class: 'tip', hidden: true });
  private readonly spoken = element('div', { class: 'visually-hidden', 'aria-live': 'polite' });
  private readonly viewport = new Viewport();
  private readonly measureContext = document.createElement('canvas').getContext('2d')!;
  private renderer?: Renderer;
  private map?: ShownMap;
  private hovered?: Cell;
  private selected?: number;
  private highlighted: number[] = [];
  private drag?: { x: number; y: number; moved: boolean };
  private readonly redraw = oncePerFrame(() => this.draw());

  constructor() {
    this.root = element(
      'div',
      { class: 'map', tabindex: '0', role: 'application', 'aria-roledescription': 'heat map', 'aria-label': 'Heat map' },
      this.canvas,
      this.overlay,
      this.tip,
      this.spoken,
    );
    new ResizeObserver(() => this.redraw()).observe(this.root);
    this.listen();
  }

  start(kit: CanvasKit): void {
    this.renderer = new Renderer(kit, this.canvas, this.overlay);
    this.redraw();
  }

  show(map: ShownMap, fresh: boolean): void {
    this.map = map;
    if (fresh) {
      this.viewport.reset();
      this.hovered = undefined;
    }
    this.root.setAttribute('aria-label', `Heat map of ${map.shown.length} by ${map.shown.length} tokens. Use the arrow keys to walk its cells, Enter to keep a row.`);
    this.redraw();
  }

  select(token: number | undefined): void {
    this.selected = token;
    this.redraw();
  }

  highlight(tokens: number[]): void {
    this.highlighted = tokens;
    this.root.dataset.highlighted = tokens.join(' ');
    this.redraw();
  }

  repaint(): void {
    this.redraw();
  }

  /** The scene as it is drawn, for tests and exports. */
  scene(): ReturnType<typeof heatmap> | undefined {
    const input = this.input();
    return input && heatmap(input);
  }

  private input(): HeatmapInput | undefined {
    if (!this.map) return undefined;
    this.measureContext.font = currentTheme().font;
    const { width, height } = this.root.getBoundingClientRect();
    return {
      key: this.map.key,
      data: this.map.part,
      tokens: this.map.tokens,
      shown: this.map.shown,
      range: this.map.range,
      hovered: this.hovered,
      selected: this.selected,
      highlighted: this.highlighted,
      width: Math.floor(width),
      height: Math.floor(height),
      viewport: this.viewport,
      measure: (text) => this.measureContext.measureText(text).width,
    };
  }

  private draw(): void {
    const input = this.input();
    if (!input || !this.renderer || input.width < 10 || input.height < 10) return;
    this.renderer.draw(heatmap(input), currentTheme(), window.devicePixelRatio || 1);
    this.placeTip(input);
    this.onDrawn(this.renderer.kind);
  }

  private placeTip(input: HeatmapInput): void {
    const region = this.hovered && areaOf(input, this.hovered);
    this.tip.hidden = !region;
    if (!region || !this.hovered) return;
    this.tip.textContent = this.describe(this.hovered);
    const { width, height } = this.tip.getBoundingClientRect();
    const x = Math.min(input.width - width - 4, Math.max(4, region.area.x + region.area.width + 8));
    const below = region.area.y + region.area.height + 6;
    const y = below + height > input.height ? region.area.y - height - 6 : below;
    this.tip.style.transform = `translate(${Math.round(x)}px, ${Math.round(Math.max(0, y))}px)`;
  }

  private describe(cell: Cell): string {
    const map = this.map!;
    const row = map.data.subarray(cell.to * map.tokens.length, (cell.to + 1) * map.tokens.length);
    const rank = 1 + map.shown.filter((other) => row[other] > row[cell.from]).length;
    return `${readable(map.tokens[cell.to])} ← ${readable(map.tokens[cell.from])}   ${number(row[cell.from])}   rank ${rank} of ${map.shown.length}`;
  }

  private hover(cell: Cell | undefined, speak = false): void {
    if (cell?.to === this.hovered?.to && cell?.from === this.hovered?.from) return;
    this.hovered = cell;
    if (speak && cell) this.spoken.textContent = this.describe(cell).replace('←', 'draws on');
    this.redraw();
    this.onHover(cell);
  }

  private largestZoom(): number {
    const input = this.input();
    return input ? Math.max(1, (pixelsPerCellAtMost * input.shown.length) / mapArea(input.width, input.height).width) : 1;
  }

  private listen(): void {
    const at = (event: MouseEvent) => {
      const box = this.root.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    this.root.addEventListener('pointerdown', (event) => {
      this.drag = { ...at(event), moved: false };
      this.root.setPointerCapture(event.pointerId);
    });
    this.root.addEventListener('pointermove', (event) => this.pointerMoved(at(event)));
    this.root.addEventListener('pointerup', (event) => {
      const input = this.input();
      if (input && this.drag && !this.drag.moved) {
        const cell = cellAt(input, at(event).x, at(event).y);
        this.onSelect(cell && cell.to !== this.selected ? cell.to : undefined);
      }
      this.drag = undefined;
    });
    this.root.addEventListener('pointerleave', () => {
      if (!this.drag) this.hover(undefined);
    });
    this.root.addEventListener('dblclick', () => this.reset());
    this.root.addEventListener('wheel', (event) => this.wheeled(event, at(event)), { passive: false });
    this.root.addEventListener('keydown', (event) => {
      if (this.key(event)) event.preventDefault();
    });
  }

  private pointerMoved(place: { x: number; y: number }): void {
    const input = this.input();
    if (!input) return;
    if (this.drag && this.viewport.zoom > 1) {
      const side = mapArea(input.width, input.height).width;
      const [x, y] = [this.drag.x - place.x, this.drag.y - place.y];
      if (this.drag.moved || Math.hypot(x, y) > 3) {
        this.viewport.pan(x / side, y / side);
        this.drag = { ...place, moved: true };
        this.redraw();
        return;
      }
    }
    this.hover(cellAt(input, place.x, place.y));
  }

  private wheeled(event: WheelEvent, place: { x: number; y: number }): void {
    const input = this.input();
    if (!input || !(event.ctrlKey || event.metaKey || this.viewport.zoom > 1)) return;
    event.preventDefault();
    const area = mapArea(input.width, input.height);
    if (event.ctrlKey || event.metaKey) this.viewport.zoomAt(Math.exp(-event.deltaY / 240), (place.x - area.x) / area.width, (place.y - area.y) / area.height, this.largestZoom());
    else this.viewport.pan(event.deltaX / area.width, event.deltaY / area.height);
    this.redraw();
  }

  private reset(): void {
    this.viewport.reset();
    this.redraw();
  }

  private key(event: KeyboardEvent): boolean {
    const moves: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    if (event.key in moves && this.map) {
      const { shown } = this.map;
      const step = event.shiftKey ? 5 : 1;
      const clamp = (i: number) => Math.min(shown.length - 1, Math.max(0, i));
      const row = this.hovered ? clamp(shown.indexOf(this.hovered.to) + moves[event.key][0] * step) : 0;
      const column = this.hovered ? clamp(shown.indexOf(this.hovered.from) + moves[event.key][1] * step) : 0;
      this.viewport.reveal(row, column, shown.length);
      this.hover({ to: shown[row], from: shown[column] }, true);
      return true;
    }
    switch (event.key) {
      case 'Enter':
      case ' ':
        if (this.hovered) this.onSelect(this.hovered.to === this.selected ? undefined : this.hovered.to);
        return true;
      case 'Escape':
        this.hover(undefined);
        this.onSelect(undefined);
        return true;
      case '+':
      case '=':
      case '-':
        this.viewport.zoomAt(event.key === '-' ? 1 / 1.4 : 1.4, 0.5, 0.5, this.largestZoom());
        this.redraw();
        return true;
      case '0':
        this.reset();
        return true;
      default:
        return false;
    }
  }
}
