import type { CanvasKit } from 'canvaskit-wasm';
import type { AnalysisSummary, MapInfo, TrustMatrix, ViewState } from '../../protocol/messages';
import { tensorOf, type DataSource } from '../data/source';
import { print, svg } from '../scene/svg';
import { readable } from '../toolkit/labels';
import { Viewport } from '../toolkit/viewport';
import type { Cell } from '../views/heatmap';
import { allowedBy, type Strand } from '../views/lines';
import { byInfluence, type HeadVectors } from '../views/neurons';
import { resultCaption } from './caption';
import type { Details } from './details';
import { rowsOf } from './details';
import { element } from './elements';
import { HeatmapView } from './heatmapView';
import { legend } from './legend';
import { LinesControls } from './linesControls';
import { LinesView } from './linesView';
import { headNames, matrixFor, meanOf, titleOf, type Shown } from './matrices';
import { Mirror } from './mirror';
import { neuronsCaption, NeuronsView, sharesMatrix } from './neuronsView';
import { PlaneView } from './planeView';
import type { Column, Family } from './results';
import { Stage } from './stage';
import { currentTheme } from './theme';
import { trustCaption, trustMatrix } from './trust';

/** What is to be drawn, and where its numbers come from. */
export interface Wanted {
  analysis: AnalysisSummary;
  view: ViewState;
  family: Family;
  column: Column;
  /** Cells lie elsewhere than before. */
  fresh: boolean;
  sourceOf(map: MapInfo): DataSource;
  /** Queries, keys and values; undefined when they were not to be had after all. */
  vectors(): Promise<DataSource | undefined>;
  trust(): Promise<TrustMatrix | undefined>;
  /** False once something newer is wanted. */
  current(): boolean;
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
  private readonly linesControls = new LinesControls();
  private readonly legendPlace = element('div', { class: 'legend-place' });
  private readonly caption = element('div', { class: 'caption' });
  private readonly viewport = new Viewport();
  private shown?: Shown & { title: string };
  private hovered?: Cell;
  private kept: number[] = [];

  constructor(private readonly details: Details) {
    this.root = element('div', { class: 'picture' }, this.linesControls.root, this.stage.root, this.legendPlace, this.caption);
    this.linesControls.onChange = (view) => this.onChange(view);
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
    if (this.shown && this.legendPlace.childElementCount > 0) this.showLegend();
  }

  /** A PNG as on screen, or an SVG on white paper; undefined before there is a picture. */
  async file(format: string, model: string): Promise<Uint8Array | undefined> {
    if (!this.shown) return undefined;
    if (format === 'png') {
      const blob = await this.stage.picture();
      return blob ? new Uint8Array(await blob.arrayBuffer()) : undefined;
    }
    const scene = this.stage.scene();
    const { matrix, title } = this.shown;
    const scale = this.legendPlace.childElementCount > 0 ? { range: matrix.range, diverging: matrix.diverging } : undefined;
    return scene && new TextEncoder().encode(svg(scene, print, `${title} · ${model}`, scale));
  }

  /** Draws what is wanted; false where something newer is wanted meanwhile, or nothing came of it. */
  async draw(wanted: Wanted): Promise<boolean> {
    this.kept = wanted.view.choice.tokens ?? [];
    if (wanted.view.picture === 'trust') return this.drawTrust(wanted);
    if (wanted.view.picture === 'neurons') return this.drawNeurons(wanted);
    return wanted.column.map.axes === 'headPlane' ? this.drawPlane(wanted) : this.drawMatrix(wanted);
  }

  private async drawPlane({ analysis, view, family, column: { map }, sourceOf, current }: Wanted): Promise<boolean> {
    const { data } = await sourceOf(map).slice(tensorOf(map), []);
    if (!current()) return false;
    const { heads } = analysis.model;
    const points = headNames(analysis).map(({ label }, i) => ({ label, x: data[2 * i], y: data[2 * i + 1], series: Math.floor(i / heads) }));
    this.linesControls.show(analysis, family, view, false);
    const title = titleOf(map, view.choice);
    const nothing = { key: title, rows: [], columns: [], data: new Float32Array(), range: [0, 1] as [number, number], diverging: false, square: false };
    this.present({ matrix: nothing, mixing: false }, title, resultCaption(map, title, 'other', analysis.predictions), false);
    this.stage.show(new PlaneView(points, (index) => this.onHead(Math.floor(index / heads), index % heads)), false);
    return true;
  }

  /** The result chosen, as a heat map or as lines. */
  private async drawMatrix(wanted: Wanted): Promise<boolean> {
    const { analysis, view, family, column, fresh, sourceOf, current } = wanted;
    const { map } = column;
    const shown = await matrixFor({ analysis, source: sourceOf(map), map, choice: view.choice });
    const asLines = view.picture === 'heads' && shown.mixing;
    const strands = asLines ? await this.strandsOf(wanted, shown) : [];
    if (!current()) return false;
    this.linesControls.show(analysis, family, view, asLines);
    if (fresh) this.viewport.reset();
    const several = strands.length > 1;
    const title = several ? `${titleOf(map, { ...view.choice, head: undefined })}, ${strands.map((strand) => strand.title).join(' + ')}` : titleOf(map, view.choice);
    const data = several ? meanOf(strands.map((strand) => strand.data)) : shown.matrix.data;
    this.present({ ...shown, matrix: { ...shown.matrix, data } }, title, resultCaption(map, title, !shown.mixing ? 'other' : asLines ? 'lines' : 'map', analysis.predictions), !asLines);
    if (asLines) {
      const { rows } = shown.matrix;
      const [segment, special] = [rows.map((row) => analysis.tokens[row.tokens[0]].segment), rows.map((row) => analysis.tokens[row.tokens[0]].special)];
      const given = { lines: rows, strands, threshold: view.threshold ?? 0, pinned: this.keptRows(), allowed: allowedBy(view.between, segment, special) };
      this.stage.show(new LinesView(given, (index, add) => this.onKeep(index === undefined ? undefined : rows[index].tokens, add)), !fresh);
    } else this.stage.show(new HeatmapView(shown.matrix, this.keptRows(), (cell, add) => this.clicked(analysis, map, cell, add), this.viewport, shown.mixing), !fresh);
    return true;
  }

  /** The maps whose lines are drawn: of the heads chosen, or of the one on screen. */
  private async strandsOf({ analysis, view, family, column, sourceOf }: Wanted, shown: Shown): Promise<Strand[]> {
    const heads = family.columns.filter((other) => other.head !== undefined && view.heads?.includes(other.head));
    if (heads.length === 0) return [{ title: column.head === undefined ? column.map.title : `head ${column.head + 1}`, data: shown.matrix.data, ink: column.head === undefined ? 'accent' : { series: column.head } }];
    return Promise.all(
      heads.map(async (other) => {
        const { matrix } = await matrixFor({ analysis, source: sourceOf(other.map), map: other.map, choice: { ...view.choice, map: other.map.id, head: other.head } });
        return { title: `head ${other.head! + 1}`, data: matrix.data, ink: { series: other.head! } };
      }),
    );
  }

  /** What the attention of a kept token is made of, in the head chosen or else the first. */
  private async drawNeurons({ analysis, view, vectors: ask, current }: Wanted): Promise<boolean> {
    const { model, predictions, tokens } = analysis;
    const [layer, head] = [view.choice.layer ?? model.layers - 1, view.choice.head ?? 0];
    const source = await ask();
    if (!source || !current()) return false;
    const [q, k, v, attention] = await Promise.all(['q', 'k', 'v', 'attentions'].map((tensor) => source.slice(tensor, [layer, head])));
    if (!current()) return false;
    const vectors: HeadVectors = { queries: q.data, keys: k.data, values: v.data, attention: attention.data, size: q.shape[q.shape.length - 1] };
    const row = view.choice.tokens?.[0] ?? predictions[0]?.token ?? Math.min(1, tokens.length - 1);
    const sorted = view.sorted !== false;
    const order = sorted ? byInfluence(vectors, row) : Array.from({ length: vectors.size }, (_, i) => i);
    const names = tokens.map((token) => readable(token.text));
    const title = `Neurons of ${names[row]}, layer ${layer + 1}, head ${head + 1}`;
    this.linesControls.root.hidden = true;
    this.kept = [row];
    this.present({ matrix: sharesMatrix(title, names, attention.data), mixing: true }, title, neuronsCaption(title, order, names[row], (next) => this.onChange({ ...view, sorted: next }), sorted), false);
    this.stage.show(new NeuronsView({ key: `${analysis.id} ${view.changed ?? ''} ${layer} ${head}`, tokens: names, vectors, row, order }, (token) => this.onKeep([token], false)), true);
    return true;
  }

  /** How methods agree. */
  private async drawTrust({ analysis, trust: ask, current }: Wanted): Promise<boolean> {
    const trust = await ask();
    if (!trust || !current()) return false;
    const title = 'Which method to trust here';
    const matrix = trustMatrix(trust, analysis.id);
    this.linesControls.root.hidden = true;
    this.viewport.reset();
    this.present({ matrix, mixing: false }, title, trustCaption(trust, title, analysis.predictions), true);
    this.stage.show(new HeatmapView(matrix, [], () => {}, this.viewport, false), false);
    return true;
  }

  /** Legend, caption, numbers and words for what is about to be drawn. */
  private present(shown: Shown, title: string, caption: HTMLElement[], scale: boolean): void {
    this.shown = { ...shown, title };
    if (scale) this.showLegend();
    else this.legendPlace.replaceChildren();
    this.caption.replaceChildren(...caption);
    this.showDetails();
    this.mirror.show(shown.matrix, shown.mixing);
  }

  private showLegend(): void {
    const { range, diverging } = this.shown!.matrix;
    this.legendPlace.replaceChildren(legend(currentTheme().scale, range, diverging));
  }

  /** The rows of the tokens that are kept. */
  private keptRows(): number[] {
    return this.shown?.mixing ? this.shown.matrix.rows.flatMap((row, i) => (row.tokens.some((token) => this.kept.includes(token)) ? [i] : [])) : [];
  }

  private clicked({ model }: AnalysisSummary, map: MapInfo, cell: Cell | undefined, add: boolean): void {
    if (cell && map.axes === 'heads') this.onHead(cell.row, cell.column);
    else if (cell && map.axes === 'headPairs') this.onHead(Math.floor(cell.row / model.heads), cell.row % model.heads);
    else if (this.shown?.mixing) this.onKeep(cell && this.shown.matrix.rows[cell.row].tokens, add);
  }

  private hover(place: Cell | { side: string; index: number } | number | undefined, tokens: number[]): void {
    const before = this.hovered;
    this.hovered = typeof place === 'object' && 'row' in place ? place : typeof place === 'object' && 'index' in place ? { row: place.index, column: place.index } : undefined;
    if (before?.row !== this.hovered?.row) this.showDetails();
    this.onHover(tokens);
  }

  private showDetails(): void {
    if (this.shown && this.shown.matrix.rows.length > 0) this.details.showToken(this.shown.matrix, this.shown.mixing, rowsOf(this.hovered, this.keptRows()));
  }
}
