import type { CanvasKit, GrDirectContext, Surface } from 'canvaskit-wasm';
import type { Box, Curve, Item, Label, Scene } from '../scene/scene';
import { Painter } from './painter';
import { TextLayer } from './textLayer';
import type { Theme } from './theme';

/** Draws scenes with Skia onto a canvas, and their text onto a layer above it. */
export class Renderer {
  private readonly painter: Painter;
  private readonly text: TextLayer;
  private context: GrDirectContext | null = null;
  private surface: Surface | null = null;
  private size = '';
  /** What was drawn last below labels and marks. */
  private picture = '';
  private readonly lists = new WeakMap<Curve[], number>();
  private counted = 0;

  constructor(
    private readonly kit: CanvasKit,
    private readonly canvas: HTMLCanvasElement,
    overlay: HTMLCanvasElement,
  ) {
    this.painter = new Painter(kit);
    this.text = new TextLayer(overlay);
    // A lost context takes its images along; the next frame makes everything anew.
    canvas.addEventListener('webglcontextlost', (event) => {
      event.preventDefault();
      this.forget();
    });
  }

  /** webgl or software. */
  get kind(): 'webgl' | 'software' {
    return this.context ? 'webgl' : 'software';
  }

  draw(scene: Scene, theme: Theme, density: number): void {
    const above = scene.items.filter((item): item is Label | Box => item.kind === 'label' || (item.kind === 'box' && item.mark === true));
    const below = scene.items.filter((item) => item.kind !== 'label' && !(item.kind === 'box' && item.mark));
    const picture = JSON.stringify([scene.width, scene.height, density, theme, below.map((item) => this.identity(item))]);
    if (picture !== this.picture || !this.surface) this.drawBelow(below, scene, theme, density);
    this.picture = picture;
    this.text.draw(above, scene, theme, density);
  }

  /** What tells an item from another without looking at its numbers. */
  private identity(item: Item): unknown {
    if (item.kind === 'texture') return { ...item, data: undefined };
    if (item.kind !== 'curves') return item;
    let known = this.lists.get(item.list);
    if (known === undefined) this.lists.set(item.list, (known = ++this.counted));
    return known;
  }

  private drawBelow(items: Item[], scene: Scene, theme: Theme, density: number): void {
    this.painter.paint(this.surfaceFor(scene, density), items, theme, density);
  }

  private surfaceFor(scene: Scene, density: number): Surface {
    const width = Math.max(1, Math.round(scene.width * density));
    const height = Math.max(1, Math.round(scene.height * density));
    const size = `${width}×${height}`;
    if (this.surface && this.size === size) return this.surface;
    this.surface?.delete();
    this.surface = null;
    this.canvas.width = width;
    this.canvas.height = height;
    this.canvas.style.width = `${scene.width}px`;
    this.canvas.style.height = `${scene.height}px`;
    this.size = size;
    this.surface = this.webglSurface(width, height) ?? this.kit.MakeSWCanvasSurface(this.canvas);
    if (!this.surface) throw new Error(`Skia cannot draw on a canvas of ${size} pixels.`);
    return this.surface;
  }

  private webglSurface(width: number, height: number): Surface | null {
    const { kit } = this;
    if (!this.context) {
      const handle = kit.GetWebGLContext(this.canvas, { antialias: 0, preserveDrawingBuffer: 1, majorVersion: 2 });
      this.context = handle ? kit.MakeWebGLContext(handle) : null;
    }
    return this.context && kit.MakeOnScreenGLSurface(this.context, width, height, kit.ColorSpace.SRGB);
  }

  private forget(): void {
    this.painter.forget();
    this.picture = '';
    this.surface = null;
    this.context = null;
    this.size = '';
  }
}
