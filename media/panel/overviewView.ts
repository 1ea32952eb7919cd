import type { CanvasKit } from 'canvaskit-wasm';
import { hit } from '../scene/scene';
import { Renderer } from '../skia/renderer';
import { overview, same, type OverviewInput, type Place } from '../views/overview';
import { element, oncePerFrame } from './elements';
import { currentTheme } from './theme';

type Shown = Omit<OverviewInput, 'width' | 'height' | 'hovered'>;

/** What an overview above the picture may take of the first screen. */
const lowHeight = 160;

/** Thumbnails of all layers and heads, to choose from by mouse or arrow keys. */
export class OverviewView {
  readonly root: HTMLElement;
  onChoose: (place: Place) => void = () => {};
  private readonly canvas = element('canvas', { 'aria-hidden': 'true' });
  private readonly overlay = element('canvas', { class: 'overlay', 'aria-hidden': 'true' });
  private renderer?: Renderer;
  private shown?: Shown;
  private hovered?: Place;
  private readonly redraw = oncePerFrame(() => this.draw());

  constructor() {
    this.root = element('div', { class: 'overview', tabindex: '0', role: 'application', 'aria-roledescription': 'overview', 'aria-label': 'Overview' }, this.canvas, this.overlay);
    new ResizeObserver(() => this.redraw()).observe(document.body);
    this.root.addEventListener('pointermove', (event) => this.point(this.placeAt(event)));
    this.root.addEventListener('pointerleave', () => this.point(undefined));
    this.root.addEventListener('click', (event) => {
      const place = this.placeAt(event);
      if (place) this.onChoose(place);
    });
    this.root.addEventListener('keydown', (event) => {
      if (this.key(event.key)) event.preventDefault();
    });
  }

  start(kit: CanvasKit): void {
    this.renderer = new Renderer(kit, this.canvas, this.overlay);
    this.redraw();
  }

  show(input: Shown): void {
    this.shown = input;
    this.label();
    this.redraw();
  }

  choose(place: Place): void {
    if (!this.shown) return;
    this.shown = { ...this.shown, selected: place };
    this.label();
    this.redraw();
  }

  repaint(): void {
    this.redraw();
  }

  private label(): void {
    this.root.setAttribute('aria-label', `Overview: ${this.name(this.shown!.selected)} is shown. Use the arrow keys to choose another.`);
  }

  private name(place: Place): string {
    const title = this.shown!.titles[place.column];
    return `layer ${place.layer + 1}${title === '' ? '' : title === 'Mean' ? ', mean of heads' : `, head ${title}`}`;
  }

  private scene(): ReturnType<typeof overview> | undefined {
    // A narrow panel has it above the picture, whole but small; a wide one beside it.
    const narrow = window.innerWidth <= 520;
    const width = narrow ? window.innerWidth - 28 : Math.min(640, Math.max(72, window.innerWidth * 0.3));
    return this.shown && overview({ ...this.shown, hovered: this.hovered, width, height: narrow ? lowHeight : undefined });
  }

  private draw(): void {
    const scene = this.scene();
    const theme = currentTheme();
    if (scene && this.renderer) this.renderer.draw(scene, { ...theme, font: theme.font.replace(/^\S+/, '10px') }, window.devicePixelRatio || 1);
  }

  private placeAt(event: MouseEvent): Place | undefined {
    const scene = this.scene();
    const box = this.canvas.getBoundingClientRect();
    return scene && hit(scene, event.clientX - box.left, event.clientY - box.top)?.meaning;
  }

  private point(place: Place | undefined): void {
    if (place === this.hovered || (place && this.hovered && same(place, this.hovered))) return;
    this.hovered = place;
    const name = place && this.name(place);
    this.root.title = name ? name[0].toUpperCase() + name.slice(1) : '';
    this.redraw();
  }

  private key(key: string): boolean {
    const moves: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    if (!(key in moves) || !this.shown) return false;
    const { layers, titles, selected } = this.shown;
    const within = (value: number, count: number) => Math.min(count - 1, Math.max(0, value));
    this.onChoose({ layer: within(selected.layer + moves[key][0], layers), column: within(selected.column + moves[key][1], titles.length) });
    return true;
  }
}
