import type { CanvasKit } from 'canvaskit-wasm';
import type { Rect, Scene } from '../scene/scene';
import { Renderer } from '../skia/renderer';
import type { Viewport } from '../toolkit/viewport';
import { element, oncePerFrame } from './elements';
import { Ruler } from './ruler';
import { currentTheme } from './theme';

/** What a view needs to know to say what it looks like. */
export interface Surroundings<Place> {
  width: number;
  height: number;
  measure: (text: string) => number;
  hovered?: Place;
  /** Tokens the editor points at. */
  highlighted: number[];
}

/** What a place of a picture says. */
export interface Telling {
  text: string;
  spoken: string;
  area: Rect;
  tokens: number[];
}

/** A picture that can be pointed at, walked by keyboard, and perhaps zoomed. */
export interface View<Place> {
  /** What it is, for readers who do not see it. */
  readonly label: string;
  /** What kind of picture it is, in a word or two. */
  readonly kind: string;
  scene(around: Surroundings<Place>): Scene<unknown>;
  /** The least height it can be read in, where that is more than usual. */
  height?(width: number): number;
  /** The height beyond which it would only stand above empty room. */
  tallest?(width: number): number;
  at(around: Surroundings<Place>, x: number, y: number): Place | undefined;
  tell(around: Surroundings<Place>, place: Place): Telling | undefined;
  /** The place so many steps down and right of another. */
  step(place: Place | undefined, down: number, right: number): Place | undefined;
  same(a: Place, b: Place): boolean;
  /** What a place is called where changes are offered at it, if that is not what it is called here. */
  meaning?(place: Place): unknown;
  /** A click on a place; with the shift key it adds to what was clicked before. */
  keep(place: Place | undefined, add: boolean): void;
  readonly zoom?: { viewport: Viewport; area(around: Surroundings<Place>): Rect; largest(around: Surroundings<Place>): number };
}

/** The large picture: draws a view, and tells it what the reader does. */
export class Stage {
  readonly root: HTMLElement;
  onHover: (place: unknown, tokens: number[]) => void = () => {};
  /** What can be done at a place is asked for. */
  onMenu: (place: unknown, x: number, y: number) => void = () => {};
  onDrawn: (kind: 'webgl' | 'software') => void = () => {};
  private readonly canvas = element('canvas', { 'aria-hidden': 'true' });
  private readonly overlay = element('canvas', { class: 'overlay', 'aria-hidden': 'true' });
  private readonly tip = element('div', { class: 'tip', hidden: true });
  private readonly spoken = element('div', { class: 'visually-hidden', 'aria-live': 'polite' });
  private readonly ruler = new Ruler();
  private renderer?: Renderer;
  private view?: View<unknown>;
  private hovered?: unknown;
  private kind?: string;
  private highlighted: number[] = [];
  private drag?: { x: number; y: number; moved: boolean };
  private readonly redraw = oncePerFrame(() => this.draw());

  constructor() {
    this.root = element('div', { class: 'map', tabindex: '0', role: 'application', 'aria-roledescription': 'picture', 'aria-label': 'Picture' }, this.canvas, this.overlay, this.tip, this.spoken);
    new ResizeObserver(() => this.redraw()).observe(this.root);
    this.listen();
  }

  start(kit: CanvasKit): void {
    this.renderer = new Renderer(kit, this.canvas, this.overlay);
    this.redraw();
  }

  /** Shows a view; what is pointed at stays where the new view is alike. */
  show<Place>(view: View<Place>, alike: boolean): void {
    this.view = view as View<unknown>;
    if (!alike || view.kind !== this.kind) this.hovered = undefined;
    this.kind = view.kind;
    this.root.setAttribute('aria-label', view.label);
    this.root.setAttribute('aria-roledescription', view.kind);
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

  /** The scene as it is drawn, for exports and tests. */
  scene(): Scene<unknown> | undefined {
    const around = this.around();
    return around && this.view?.scene(around);
  }

  /** What is drawn, as a PNG. */
  picture(): Promise<Blob | null> {
    const both = document.createElement('canvas');
    [both.width, both.height] = [this.canvas.width, this.canvas.height];
    const context = both.getContext('2d')!;
    context.drawImage(this.canvas, 0, 0);
    context.drawImage(this.overlay, 0, 0);
    return new Promise((resolve) => both.toBlob(resolve));
  }

  private around(): Surroundings<unknown> | undefined {
    if (!this.view) return undefined;
    const { width, height } = this.root.getBoundingClientRect();
    return {
      width: Math.floor(width),
      height: Math.floor(height),
      measure: this.ruler.in(currentTheme().font),
      hovered: this.hovered,
      highlighted: this.highlighted,
    };
  }

  private draw(): void {
    const wanted = this.view?.height?.(this.root.clientWidth);
    this.root.style.minHeight = wanted ? `${wanted}px` : '';
    // What stands below follows the picture, however tall the window is.
    const most = this.view?.tallest?.(this.root.clientWidth);
    this.root.style.setProperty('--tallest', most === undefined ? 'none' : `${Math.ceil(most)}px`);
    const around = this.around();
    if (!around || !this.view || !this.renderer || around.width < 10 || around.height < 10) return;
    this.renderer.draw(this.view.scene(around), currentTheme(), window.devicePixelRatio || 1);
    this.placeTip(around);
    this.onDrawn(this.renderer.kind);
  }

  private placeTip(around: Surroundings<unknown>): void {
    const telling = this.hovered === undefined ? undefined : this.view!.tell(around, this.hovered);
    this.tip.hidden = !telling;
    if (!telling) return;
    this.tip.textContent = telling.text;
    const { width, height } = this.tip.getBoundingClientRect();
    const { area } = telling;
    const x = Math.min(around.width - width - 4, Math.max(4, area.x + area.width + 8));
    const below = area.y + area.height + 6;
    const y = below + height > around.height ? area.y - height - 6 : below;
    this.tip.style.transform = `translate(${Math.round(x)}px, ${Math.round(Math.max(0, y))}px)`;
  }

  private hover(place: unknown, speak = false): void {
    const around = this.around();
    if (!around || !this.view) return;
    if (place === this.hovered || (place !== undefined && this.hovered !== undefined && this.view.same(place, this.hovered))) return;
    this.hovered = place;
    const telling = place === undefined ? undefined : this.view.tell(around, place);
    if (speak && telling) this.spoken.textContent = telling.spoken;
    this.redraw();
    this.onHover(place, telling?.tokens ?? []);
  }

  private listen(): void {
    const at = (event: MouseEvent) => {
      const box = this.root.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    this.root.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || (event.target as Element).closest('.menu')) return;
      this.drag = { ...at(event), moved: false };
      this.root.setPointerCapture(event.pointerId);
    });
    this.root.addEventListener('pointermove', (event) => this.pointerMoved(at(event)));
    this.root.addEventListener('pointerup', (event) => {
      const around = this.around();
      if (around && this.view && this.drag && !this.drag.moved) this.view.keep(this.view.at(around, at(event).x, at(event).y), event.shiftKey);
      this.drag = undefined;
    });
    this.root.addEventListener('pointerleave', () => {
      if (!this.drag) this.hover(undefined);
    });
    this.root.addEventListener('contextmenu', (event) => {
      const around = this.around();
      const place = around && this.view?.at(around, at(event).x, at(event).y);
      if (place === undefined) return;
      event.preventDefault();
      this.openMenu(place, at(event).x, at(event).y);
    });
    this.root.addEventListener('dblclick', () => this.reset());
    this.root.addEventListener('wheel', (event) => this.wheeled(event, at(event)), { passive: false });
    this.root.addEventListener('keydown', (event) => {
      if (this.key(event)) event.preventDefault();
    });
  }

  private openMenu(place: unknown, x: number, y: number): void {
    this.onMenu(this.view!.meaning?.(place) ?? place, x, y);
  }

  private pointerMoved(place: { x: number; y: number }): void {
    const around = this.around();
    if (!around || !this.view) return;
    const { zoom } = this.view;
    if (this.drag && zoom && zoom.viewport.zoom > 1) {
      const area = zoom.area(around);
      const [x, y] = [this.drag.x - place.x, this.drag.y - place.y];
      if (this.drag.moved || Math.hypot(x, y) > 3) {
        zoom.viewport.pan(x / area.width, y / area.height);
        this.drag = { ...place, moved: true };
        this.redraw();
        return;
      }
    }
    this.hover(this.view.at(around, place.x, place.y));
  }

  private wheeled(event: WheelEvent, place: { x: number; y: number }): void {
    const around = this.around();
    const zoom = this.view?.zoom;
    if (!around || !zoom || !(event.ctrlKey || event.metaKey || zoom.viewport.zoom > 1)) return;
    event.preventDefault();
    const area = zoom.area(around);
    if (event.ctrlKey || event.metaKey) zoom.viewport.zoomAt(Math.exp(-event.deltaY / 240), (place.x - area.x) / area.width, (place.y - area.y) / area.height, zoom.largest(around));
    else zoom.viewport.pan(event.deltaX / area.width, event.deltaY / area.height);
    this.redraw();
  }

  private reset(): void {
    this.view?.zoom?.viewport.reset();
    this.redraw();
  }

  private key(event: KeyboardEvent): boolean {
    const around = this.around();
    if (!around || !this.view) return false;
    const moves: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    if (event.key in moves) {
      const size = event.shiftKey ? 5 : 1;
      const [down, right] = moves[event.key];
      this.hover(this.view.step(this.hovered, down * size, right * size), true);
      return true;
    }
    switch (event.key) {
      case 'Enter':
      case ' ':
        if (this.hovered !== undefined) this.view.keep(this.hovered, event.shiftKey);
        return true;
      case 'Escape':
        this.hover(undefined);
        this.view.keep(undefined, false);
        return true;
      case '+':
      case '=':
      case '-':
        this.view.zoom?.viewport.zoomAt(event.key === '-' ? 1 / 1.4 : 1.4, 0.5, 0.5, this.view.zoom.largest(around));
        this.redraw();
        return true;
      case 'm':
      case 'M':
      case 'ContextMenu': {
        const telling = this.hovered === undefined ? undefined : this.view.tell(around, this.hovered);
        if (telling) this.openMenu(this.hovered, telling.area.x + telling.area.width, telling.area.y + telling.area.height);
        return true;
      }
      case '0':
        this.reset();
        return true;
      default:
        return false;
    }
  }
}
