import type { CanvasKit } from 'canvaskit-wasm';
import type { ViewState } from '../../protocol/messages';
import { drawBeside } from '../pictures/beside';
import { PictureControls } from '../pictures/controls';
import { keptRows, type Draw, type Tools, type Wanted } from '../pictures/drawing';
import { drawFlow } from '../pictures/flow';
import { drawLayers } from '../pictures/layers';
import { legend } from '../pictures/legend';
import { drawLines, drawMap } from '../pictures/map';
import type { Shown } from '../pictures/matrices';
import { drawModel } from '../pictures/model';
import { drawNeurons } from '../pictures/neurons';
import { drawTrust } from '../pictures/trust';
import { print, svg } from '../scene/svg';
import { Viewport } from '../toolkit/viewport';
import type { Cell } from '../views/heatmap';
import type { Details } from './details';
import { rowsOf } from './details';
import { element } from './elements';
import { Mirror } from './mirror';
import { Stage } from './stage';
import { currentTheme } from './theme';

/** Pictures that follow each other faster than this are hurried through: a page of text laid out anew for each would slow them down. */
const hurriedMilliseconds = 60;
const pictures: Record<string, Draw> = { heads: drawLines, layers: drawLayers, model: drawModel, flow: drawFlow, neurons: drawNeurons, trust: drawTrust };

function drawFor(view: ViewState): Draw {
  return pictures[view.picture ?? ''] ?? (view.beside ? drawBeside : drawMap);
}

/** The large picture with everything that belongs to it: legend, caption, its own controls, and itself in words. */
export class Picture {
  readonly root: HTMLElement;
  readonly mirror = new Mirror();
  onChange: (view: ViewState) => void = () => {};
  /** A row, or none, is to be kept. */
  onKeep: (tokens: number[] | undefined, add: boolean) => void = () => {};
  /** A head is to be looked at. */
  onHead: (layer: number, head: number) => void = () => {};
  onHover: (tokens: number[]) => void = () => {};
  private readonly stage = new Stage();
  private readonly controls = new PictureControls();
  private readonly legendPlace = element('div', { class: 'legend-place' });
  private readonly caption = element('div', { class: 'caption' });
  private readonly viewport = new Viewport();
  private shown?: Shown & { title: string };
  private hovered?: Cell;
  private kind?: string;
  private kept: number[] = [];
  private described = -Infinity;
  private settling?: ReturnType<typeof setTimeout>;
  /** Whether the colours of what is drawn are those of the scale. */
  private scaled = false;
  private readonly tools: Tools = {
    viewport: this.viewport,
    onChange: (view) => this.onChange(view),
    onKeep: (tokens, add) => this.onKeep(tokens, add),
    onHead: (layer, head) => this.onHead(layer, head),
  };

  constructor(private readonly details: Details) {
    this.root = element('div', { class: 'picture' }, this.controls.root, this.stage.root, this.legendPlace, this.caption);
    this.controls.onChange = (view) => this.onChange(view);
    this.stage.onHover = (place, tokens) => this.hover(place as Cell | { side: string; index: number } | number | undefined, tokens);
  }

  /** What is on screen; undefined before there is a picture. */
  get on(): (Shown & { title: string }) | undefined {
    return this.shown;
  }

  get place(): HTMLElement {
    return this.stage.root;
  }

  set onDrawn(drawn: (surface: 'webgl' | 'software') => void) {
    this.stage.onDrawn = drawn;
  }

  set onMenu(open: (place: unknown, x: number, y: number) => void) {
    this.stage.onMenu = open;
  }

  start(kit: CanvasKit): void {
    this.stage.start(kit);
  }

  reset(): void {
    this.hovered = undefined;
    this.shown = undefined;
  }

  highlight(tokens: number[]): void {
    this.stage.highlight(tokens);
  }

  repaint(): void {
    this.stage.repaint();
    if (this.shown && this.scaled) this.showLegend();
  }

  /** A PNG as on screen, or an SVG on white paper; undefined before there is a picture. */
  async file(format: string, model: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (!this.shown) return undefined;
    if (format === 'png') {
      const blob = await this.stage.picture();
      return blob ? new Uint8Array(await blob.arrayBuffer()) : undefined;
    }
    const scene = this.stage.scene();
    const { matrix, title } = this.shown;
    const scale = this.scaled ? { range: matrix.range, diverging: matrix.diverging } : undefined;
    return scene && new TextEncoder().encode(svg(scene, print, `${title} · ${model}`, scale));
  }

  /** Draws what is wanted; false where something newer is wanted meanwhile, or nothing came of it. */
  async draw(wanted: Wanted): Promise<boolean> {
    const { view } = wanted;
    const drawing = await drawFor(view)(wanted, this.tools);
    if (!drawing || !wanted.current()) return false;
    const { shown, title, caption } = drawing;
    this.shown = { ...shown, title };
    // What was pointed at in another picture is no place of this one.
    const { rows, columns } = shown.matrix;
    if (!drawing.alike || drawing.view.kind !== this.kind || (this.hovered && (!rows[this.hovered.row] || !columns[this.hovered.column]))) this.hovered = undefined;
    this.kind = drawing.view.kind;
    this.kept = drawing.kept ?? keptRows(shown, view);
    this.scaled = drawing.scale;
    this.controls.show(wanted, drawing.controls);
    this.describe(caption);
    this.mirror.show(shown.matrix, shown.mixing);
    this.stage.show(drawing.view, drawing.alike);
    return true;
  }

  /** Legend, caption and details of what is drawn; for whoever hurries through pictures, those of the one they stay with. */
  private describe(caption: HTMLElement[]): void {
    const write = () => {
      if (this.scaled) this.showLegend();
      else this.legendPlace.replaceChildren();
      this.caption.replaceChildren(...caption);
      this.showDetails();
    };
    clearTimeout(this.settling);
    const now = performance.now();
    if (now - this.described > hurriedMilliseconds) write();
    else this.settling = setTimeout(write, hurriedMilliseconds);
    this.described = now;
  }

  private showLegend(): void {
    const { range, diverging } = this.shown!.matrix;
    this.legendPlace.replaceChildren(legend(currentTheme().scale, range, diverging));
  }

  private hover(place: Cell | { side: string; index: number } | number | undefined, tokens: number[]): void {
    const before = this.hovered;
    this.hovered = typeof place === 'object' && 'row' in place ? place : typeof place === 'object' && 'index' in place ? { row: place.index, column: place.index } : undefined;
    if (before?.row !== this.hovered?.row) this.showDetails();
    this.onHover(tokens);
  }

  private showDetails(): void {
    if (this.shown && this.shown.matrix.rows.length > 0) this.details.showToken(this.shown.matrix, this.shown.mixing, rowsOf(this.hovered, this.kept));
  }
}
