import type { CanvasKit } from 'canvaskit-wasm';
import type { AnalysisSummary, Edit, MapInfo, TrustMatrix, ViewState } from '../../protocol/messages';
import { Groups } from '../data/groups';
import { tensorOf, type DataSource } from '../data/source';
import { print, svg } from '../scene/svg';
import { readable } from '../toolkit/labels';
import { Viewport } from '../toolkit/viewport';
import type { Cell } from '../views/heatmap';
import { allowedBy, type Strand } from '../views/lines';
import type { Place } from '../views/overview';
import { fetchAhead } from './ahead';
import { resultCaption } from './caption';
import { Controls } from './controls';
import { Details, rowsOf } from './details';
import { Edits, offersFor } from './edits';
import { element, icon } from './elements';
import { Explanation } from './explanation';
import { HeatmapView } from './heatmapView';
import type { Host } from './host';
import { legend } from './legend';
import { LinesControls } from './linesControls';
import { LinesView } from './linesView';
import { headNames, matrixFor, meanOf, titleOf, type Shown } from './matrices';
import { openMenu } from './menu';
import { Mirror } from './mirror';
import { Notices } from './notices';
import { OverviewView } from './overviewView';
import { PlaneView } from './planeView';
import type { More, SourceOf } from './request';
import { choose, explaining, familiesOf, hasThumbnails, keptAfter, locate, thumbnails, type Column, type Family } from './results';
import { Stage } from './stage';
import { currentTheme, onThemeChange } from './theme';
import { trustCaption, trustMatrix } from './trust';

/** The panel: one analysis, one picture of it at a time, and what it says about the token pointed at. */
export class Panel {
  private readonly controls: Controls;
  private readonly linesControls = new LinesControls();
  private readonly overview = new OverviewView();
  private readonly stage = new Stage();
  private readonly notices = new Notices();
  private readonly legendPlace = element('div', { class: 'legend-place' });
  private readonly caption = element('div', { class: 'caption' });
  private readonly mirror = new Mirror();
  private readonly empty = element('div', { class: 'empty' });
  private readonly body = element('main', { class: 'body', hidden: true });
  private readonly explanation = new Explanation();
  private readonly edits = new Edits();
  private readonly details = new Details(this.explanation, this.edits);
  private readonly viewport = new Viewport();
  private analysis?: AnalysisSummary;
  /** The same without changes to the model. */
  private plain?: AnalysisSummary;
  private families: Family[] = [];
  private source?: DataSource;
  private view?: ViewState;
  private shown?: Shown & { title: string };
  private hovered?: Cell;
  /** The analysis of the changed model, where there are changes. */
  private changedId?: string;
  private lastText = '';
  /** Counted up by whatever makes older answers unwanted: another picture, computation, explanation or change. */
  private readonly turns = { picture: 0, compute: 0, explain: 0, edit: 0 };
  private asked = 0;
  private computing = 0;
  private readonly others = new Map<string, DataSource>();
  private trusted?: { target: string | undefined; matrix: TrustMatrix };
  private stale = false;
  private failed = false;

  constructor(
    root: HTMLElement,
    private readonly host: Host,
    skia: Promise<CanvasKit>,
    private readonly sources: SourceOf,
    private readonly more?: More,
  ) {
    this.controls = new Controls(host.commands);
    this.controls.onChange = (view) => void this.change(view);
    this.linesControls.onChange = (view) => void this.change(view);
    this.controls.onCompute = (method) => void this.compute(method);
    this.controls.onCommand = (id) => host.send({ type: 'command', id });
    this.explanation.onChoose = (method) => {
      this.remember({ ...this.view!, explanation: method });
      if (method) void this.explain(method);
    };
    this.explanation.onTrust = () => {
      // The list it is asked from may be far below.
      this.stage.root.scrollIntoView({ block: 'nearest' });
      void this.change({ ...this.view!, picture: 'trust' });
    };
    this.explanation.target.onChange = (target) => void this.retarget(target);
    this.overview.onChoose = (place) => void this.choose(place);
    this.notices.onCancel = () => more?.cancel();
    this.notices.onAgain = () => host.send({ type: 'command', id: 'attention.analyzeAgain' });
    this.edits.onChange = (edits) => void this.edit(edits);
    this.edits.onSave = (edits) => host.send({ type: 'saveEdits', edits });
    this.edits.onLoad = () => host.send({ type: 'loadEdits' });
    this.stage.onMenu = (place, x, y) => this.offer(place, x, y);
    this.stage.onHover = (place, tokens) => this.hover(place as Cell | undefined, tokens);
    this.stage.onDrawn = (kind) => this.drawn(kind);
    this.empty.append(icon('symbol-misc'), element('p', {}, host.commands ? 'Select text in an editor and run Attention: Analyze Attention.' : 'This page holds no analysis.'));
    this.body.append(this.overview.root, element('div', { class: 'picture' }, this.linesControls.root, this.stage.root, this.legendPlace, this.caption), this.details.root, this.mirror.root);
    root.append(this.controls.root, this.notices.root, this.empty, this.body);
    this.controls.root.hidden = true;
    onThemeChange(() => this.repaint());
    skia.then(
      (kit) => {
        // First picture first: a second drawing surface takes as long to set up as the first.
        this.stage.start(kit);
        setTimeout(() => this.overview.start(kit), 50);
      },
      (error) => this.fail(`Skia could not be started: ${(error as Error).message}`),
    );
  }

  /** Shows an analysis; a view that does not fit it gives way to the default. */
  async open(analysis: AnalysisSummary, source: DataSource, view?: ViewState): Promise<void> {
    this.asked = performance.now();
    this.analysis = this.plain = analysis;
    this.families = familiesOf(analysis);
    this.source = source;
    this.others.clear();
    this.changedId = undefined;
    this.trusted = undefined;
    const wanted = view ?? this.view;
    this.explanation.offer(analysis, explaining(analysis), wanted?.target, this.more !== undefined);
    this.turns.edit++;
    this.edits.open([], analysis.tokens.map((token) => readable(token.text)), this.more !== undefined && analysis.methods.length > 0);
    this.hovered = undefined;
    this.shown = undefined;
    this.empty.hidden = true;
    this.body.hidden = false;
    this.controls.root.hidden = false;
    this.details.showPredictions(analysis);
    this.status(undefined, false, undefined);
    await this.change({ ...this.fitting(wanted), edits: undefined }, true);
    await this.resume(wanted);
  }

  /** Says what is going on; whatever is shown stays. */
  status(busy: string | undefined, stale: boolean, error: string | undefined): void {
    this.stale = stale;
    this.failed = false;
    this.notices.show({ busy, stoppable: this.computing > 0, error, stale, notes: this.analysis?.notes ?? [] });
  }

  highlight(tokens: number[]): void {
    this.stage.highlight(tokens);
  }

  /** What is on screen, as a PNG or SVG file; undefined before there is a picture. */
  async picture(format: string): Promise<Uint8Array | undefined> {
    if (!this.shown || !this.analysis) return undefined;
    if (format === 'png') {
      const blob = await this.stage.picture();
      return blob ? new Uint8Array(await blob.arrayBuffer()) : undefined;
    }
    const scene = this.stage.scene();
    const { matrix, title } = this.shown;
    const scale = scene?.items.some((item) => item.kind === 'texture') ? { range: matrix.range, diverging: matrix.diverging } : undefined;
    return scene && new TextEncoder().encode(svg(scene, print, `${title} · ${this.analysis.model.name}`, scale));
  }

  /** Changes out of a file, or from before the panel was loaded again. */
  setEdits(edits: Edit[]): void {
    this.edits.set(edits);
  }

  /** What can be done at a place of the picture. */
  private offer(place: unknown, x: number, y: number): void {
    if (!this.more || this.plain?.methods.length === 0 || !this.shown?.mixing || typeof place !== 'object' || place === null || !('row' in place)) return;
    const { row, column } = place as Cell;
    const { rows, columns } = this.shown.matrix;
    const { layer, head } = this.view!.choice;
    const spot = { rows: rows[row].tokens, columns: columns[column].tokens, row: rows[row].label, column: columns[column].label, layer, head };
    openMenu(this.stage.root, x, y, offersFor(spot, this.plain?.blank).map(({ title, edit }) => ({ title, run: () => this.edits.add(edit) })));
  }

  /** Everything shown is about the changed model from now on; of several changes in a row only the last is waited for. */
  private async edit(edits: Edit[]): Promise<void> {
    const { plain } = this;
    if (!plain || !this.more) return;
    const turn = ++this.turns.edit;
    try {
      const changed = edits.length > 0 ? await this.working(() => this.more!.change(edits)) : undefined;
      if (turn !== this.turns.edit || plain !== this.plain || (edits.length > 0 && !changed)) return;
      const { choice } = this.view!;
      if (changed) {
        const { analysis, source } = changed;
        this.others.set(analysis.id, source);
        this.analysis = { ...plain, maps: analysis.maps.map((map) => ({ ...map, analysis: analysis.id })), predictions: analysis.predictions, notes: analysis.notes };
        this.changedId = analysis.id;
      } else {
        this.analysis = plain;
        this.changedId = undefined;
      }
      this.families = familiesOf(this.analysis);
      this.trusted = undefined;
      this.details.showPredictions(this.analysis, changed && plain);
      const known = this.families.some((f) => f.columns.some((column) => column.map.id === choice.map));
      if (known) {
        const { family, place } = locate(this.families, choice);
        const next = choose(family, place, choice);
        if (choice.layer === undefined) delete next.layer;
        await this.change({ ...this.view!, edits: edits.length > 0 ? edits : undefined, choice: next });
        await this.showOverview(this.turns.picture);
      } else {
        this.remember({ ...this.view!, edits: edits.length > 0 ? edits : undefined });
        await this.compute(choice.map, choice);
      }
      if (this.explanation.chosen) void this.explain(this.explanation.chosen);
    } catch (error) {
      if (turn === this.turns.edit && plain === this.plain) this.fail((error as Error).message);
    }
  }

  /** The analysis that further numbers are asked for. */
  private get askedOf(): string {
    return this.changedId ?? this.plain!.id;
  }

  /** A method chosen for the text before, or before the panel was loaded again, is wanted for this one too. */
  private async resume(view: ViewState | undefined): Promise<void> {
    const { analysis } = this;
    if (!view || !analysis) return;
    // Changes are kept for the same text only: tokens are others in another.
    if (view.edits?.length && this.more && this.lastText === analysis.text + (analysis.pair ?? '')) this.setEdits(view.edits);
    this.lastText = analysis.text + (analysis.pair ?? '');
    if (view.explanation && explaining(analysis).some((method) => method.id === view.explanation)) void this.explain(view.explanation);
    if (!this.more) return;
    const { map } = view.choice;
    const missing = !analysis.maps.some((known) => known.id === map) && analysis.methods.some((method) => method.id === map && !method.problem);
    if (missing) await this.compute(map, view.choice);
  }

  /** The numbers of a result: in the analysis shown, or in one of its own. */
  private sourceOf(map: MapInfo): DataSource {
    if (!map.analysis) return this.source!;
    let source = this.others.get(map.analysis);
    if (!source) this.others.set(map.analysis, (source = this.sources(map.analysis)));
    return source;
  }

  private async working<Result>(work: () => Promise<Result>): Promise<Result> {
    this.computing++;
    try {
      return await work();
    } finally {
      this.computing--;
    }
  }

  /** Computes a method and shows it; what is shown stays until then. */
  private async compute(method: string, place?: { layer?: number; head?: number }): Promise<void> {
    const { analysis } = this;
    if (!analysis || !this.more) return;
    const turn = ++this.turns.compute;
    try {
      const map = await this.working(() => this.more!.compute(this.askedOf, method, this.targetFor(method)));
      if (analysis !== this.analysis) return;
      if (map && turn === this.turns.compute) {
        analysis.maps = [...analysis.maps.filter((other) => other.id !== map.id), map];
        this.families = familiesOf(analysis);
        const family = this.families.find((f) => f.id === map.id);
        const layer = place?.layer ?? this.view!.choice.layer ?? Infinity;
        if (family) return await this.change({ ...this.view!, picture: this.view!.picture === 'trust' ? undefined : this.view!.picture, choice: choose(family, { layer, column: place?.head ?? 0 }, this.view!.choice) });
      }
    } catch (error) {
      if (analysis === this.analysis) this.fail((error as Error).message);
    }
    this.controls.show(analysis, this.families, this.view!);
  }

  private targetFor(method: string): string | undefined {
    return this.analysis!.methods.find((known) => known.id === method)?.explainsPrediction ? this.view?.target : undefined;
  }

  /** What each token has to do with the prediction, by a method that explains it. */
  private async explain(method: string): Promise<void> {
    const { analysis } = this;
    if (!analysis) return;
    try {
      const turn = ++this.turns.explain;
      const known = analysis.maps.find((map) => map.id === method);
      const map = this.more && !(known && !known.analysis && this.view?.target === undefined) ? await this.working(() => this.more!.compute(this.askedOf, method, this.view?.target)) : known;
      // Of several chosen in a row the last is shown.
      if (turn !== this.turns.explain) return;
      if (!map || analysis !== this.analysis) return this.explanation.clear();
      analysis.maps = [...analysis.maps.filter((other) => other.id !== map.id), map];
      const { data } = await this.sourceOf(map).slice(tensorOf(map), []);
      if (analysis !== this.analysis) return;
      const groups = Groups.of(analysis, this.view!.choice);
      const values = groups.columns(data);
      this.explanation.show(map, groups.list.map((group, i) => ({ text: group.text, value: values[i] })));
    } catch (error) {
      this.explanation.clear();
      if (analysis === this.analysis) this.fail((error as Error).message);
    }
  }

  /** Another prediction is explained: everything that explains one is about it from now on. */
  private async retarget(target: string | undefined): Promise<void> {
    const { analysis } = this;
    if (!analysis) return;
    this.remember({ ...this.view!, target });
    if (this.explanation.chosen) void this.explain(this.explanation.chosen);
    const { map } = locate(this.families, this.view!.choice).column;
    if (this.view!.picture === 'trust') await this.change(this.view!);
    else if (map.target !== undefined) await this.compute(map.id, this.view!.choice);
  }

  private choose(place: Place): Promise<void> {
    const { choice } = this.view!;
    return this.change({ ...this.view!, heads: undefined, choice: choose(locate(this.families, choice).family, place, choice) });
  }

  /** Keeps a view for reloads and exports, and tells the editor. */
  private remember(view: ViewState): void {
    const computed = [...new Set(this.analysis!.maps.flatMap((map) => (map.analysis ? [map.analysis] : [])))];
    this.view = { ...view, changed: this.changedId, computed: computed.length > 0 ? computed : undefined };
    this.host.save({ analysis: this.analysis, view: this.view });
    this.host.send({ type: 'view', state: this.view });
  }

  /** Shows another result, layer, head, token or kind of picture; of several changes in a row only the last is drawn. */
  private async change(view: ViewState, fresh = false): Promise<void> {
    const { analysis, source } = this;
    if (!analysis || !source) return;
    const before = this.view;
    this.remember(view);
    this.controls.show(analysis, this.families, view);
    const turn = ++this.turns.picture;
    const { family, column, place } = locate(this.families, view.choice);
    const sameFamily = !fresh && before !== undefined && before.picture !== 'trust' && locate(this.families, before.choice).family === family;
    if (sameFamily && hasThumbnails(family)) this.overview.choose(place);
    try {
      const drawn = view.picture === 'trust' ? await this.drawTrust(turn) : await this.drawResult(family, column, turn, fresh || layoutOf(before) !== layoutOf(view));
      if (!drawn) return;
      // What could not be shown before no longer matters.
      if (this.failed) this.status(undefined, this.stale, undefined);
      if (view.picture === 'trust') return;
      if (!sameFamily) await this.showOverview(turn);
      await fetchAhead(family, locate(this.families, this.view!.choice).place, (map) => this.sourceOf(map), () => turn === this.turns.picture);
    } catch (error) {
      if (turn === this.turns.picture) this.fail((error as Error).message);
    }
  }

  /** The result chosen, as the kind of picture chosen; false where something newer is wanted. */
  private async drawResult(family: Family, column: Column, turn: number, fresh: boolean): Promise<boolean> {
    const analysis = this.analysis!;
    const view = this.view!;
    const { map } = column;
    if (map.axes === 'headPlane') {
      const { data } = await this.sourceOf(map).slice(tensorOf(map), []);
      if (turn !== this.turns.picture) return false;
      const { heads } = analysis.model;
      const points = headNames(analysis).map(({ label }, i) => ({ label, x: data[2 * i], y: data[2 * i + 1], series: Math.floor(i / heads) }));
      this.linesControls.show(analysis, family, view, false);
      this.present(map, undefined);
      this.stage.show(new PlaneView(points, (index) => void this.showHead(Math.floor(index / heads), index % heads)), false);
      return true;
    }

    const shown = await matrixFor({ analysis, source: this.sourceOf(map), map, choice: view.choice });
    const asLines = view.picture === 'heads' && shown.mixing;
    const strands = asLines ? await this.strandsOf(family, column, shown) : [];
    if (turn !== this.turns.picture) return false;
    this.linesControls.show(analysis, family, view, asLines);
    if (fresh) this.viewport.reset();
    this.present(map, shown, asLines ? strands : undefined);
    const selected = this.selectedRows();
    if (asLines) {
      const { rows } = shown.matrix;
      const segment = rows.map((row) => analysis.tokens[row.tokens[0]].segment);
      const special = rows.map((row) => analysis.tokens[row.tokens[0]].special);
      this.stage.show(
        new LinesView({ lines: rows, strands, threshold: view.threshold ?? 0, pinned: selected, allowed: allowedBy(view.between, segment, special) }, (index, add) => this.keep(index, add)),
        !fresh,
      );
    } else this.stage.show(new HeatmapView(shown.matrix, selected, (cell, add) => this.keptCell(map, cell, add), this.viewport, shown.mixing), !fresh);
    return true;
  }

  /** The maps whose lines are drawn: of the heads chosen, or of the one on screen. */
  private async strandsOf(family: Family, column: Column, shown: Shown): Promise<Strand[]> {
    const view = this.view!;
    const heads = family.columns.filter((other) => other.head !== undefined && view.heads?.includes(other.head));
    if (heads.length === 0) return [{ title: column.head === undefined ? column.map.title : `head ${column.head + 1}`, data: shown.matrix.data, ink: column.head === undefined ? 'accent' : { series: column.head } }];
    return Promise.all(
      heads.map(async (other) => {
        const { matrix } = await matrixFor({ analysis: this.analysis!, source: this.sourceOf(other.map), map: other.map, choice: { ...view.choice, map: other.map.id, head: other.head } });
        return { title: `head ${other.head! + 1}`, data: matrix.data, ink: { series: other.head! } };
      }),
    );
  }

  /** How methods agree; computed when first asked for. */
  private async drawTrust(turn: number): Promise<boolean> {
    const { target } = this.view!;
    if (!this.more) throw new Error('Methods can be compared in the editor only.');
    if (!this.trusted || this.trusted.target !== target) {
      const matrix = await this.working(() => this.more!.trust(this.askedOf, target));
      if (turn !== this.turns.picture) return false;
      if (!matrix) {
        // Stopped: back to the map.
        await this.change({ ...this.view!, picture: undefined });
        return false;
      }
      this.trusted = { target, matrix };
    }
    const trust = this.trusted.matrix;
    const title = 'Which method to trust here';
    const matrix = trustMatrix(trust, this.analysis!.id);
    this.linesControls.root.hidden = true;
    this.overview.root.hidden = true;
    this.shown = { matrix, mixing: false, title };
    this.viewport.reset();
    this.stage.show(new HeatmapView(matrix, [], () => {}, this.viewport, false), false);
    this.legendPlace.replaceChildren(legend(currentTheme().scale, matrix.range, true));
    this.caption.replaceChildren(...trustCaption(trust, title));
    this.mirror.show(this.shown.matrix, this.shown.mixing);
    this.details.showToken(this.shown.matrix, false, []);
    return true;
  }

  /** Legend, caption, numbers and words for what is about to be drawn. */
  private present(map: MapInfo, shown: Shown | undefined, strands?: Strand[]): void {
    const several = strands && strands.length > 1 ? strands : undefined;
    const title = several ? `${titleOf(map, { ...this.view!.choice, head: undefined })}, ${several.map((strand) => strand.title).join(' + ')}` : titleOf(map, this.view!.choice);
    if (shown && several) shown = { ...shown, matrix: { ...shown.matrix, data: meanOf(several.map((strand) => strand.data)) } };
    this.shown = { ...(shown ?? { matrix: { key: title, rows: [], columns: [], data: new Float32Array(), range: [0, 1], diverging: false, square: false }, mixing: false }), title };
    const { matrix } = this.shown;
    this.legendPlace.replaceChildren(...(shown && !strands ? [legend(currentTheme().scale, matrix.range, matrix.diverging)] : []));
    this.caption.replaceChildren(...resultCaption(map, title, !shown?.mixing ? 'other' : strands ? 'lines' : 'map'));
    this.showDetails();
    this.mirror.show(this.shown.matrix, this.shown.mixing);
  }

  /** The rows of the tokens that are kept. */
  private selectedRows(): number[] {
    const kept = this.view!.choice.tokens ?? [];
    return this.shown?.mixing ? this.shown.matrix.rows.flatMap((row, i) => (row.tokens.some((token) => kept.includes(token)) ? [i] : [])) : [];
  }

  private keptCell(map: MapInfo, cell: Cell | undefined, add: boolean): void {
    const { heads } = this.analysis!.model;
    if (cell && map.axes === 'heads') void this.showHead(cell.row, cell.column);
    else if (cell && map.axes === 'headPairs') void this.showHead(Math.floor(cell.row / heads), cell.row % heads);
    else if (this.shown?.mixing) this.keep(cell?.row, add);
  }

  /** Keeps the tokens of a row, or lets go of them; with `add`, beside those kept before. */
  private keep(row: number | undefined, add: boolean): void {
    const before = this.view!.choice.tokens ?? [];
    const next = row === undefined ? [] : keptAfter(before, this.shown!.matrix.rows[row].tokens, add);
    void this.change({ ...this.view!, choice: { ...this.view!.choice, tokens: next.length > 0 ? next : undefined } });
  }

  /** The attention of one head, as a picture of heads points at it. */
  private showHead(layer: number, head: number): Promise<void> {
    const family = this.families.find((f) => f.columns.some((column) => column.map.axes === 'headMaps' && column.head === head)) ?? this.families[0];
    const column = Math.max(0, family.columns.findIndex((c) => c.head === head));
    return this.change({ ...this.view!, picture: undefined, choice: choose(family, { layer, column }, this.view!.choice) });
  }

  private async showOverview(turn: number): Promise<void> {
    const analysis = this.analysis!;
    const { family } = locate(this.families, this.view!.choice);
    this.overview.root.hidden = !hasThumbnails(family);
    if (!hasThumbnails(family)) return;
    const { size, data } = await thumbnails((map) => this.sourceOf(map), family, analysis);
    // Another place of the same family may have been chosen while these were read.
    const now = locate(this.families, this.view!.choice);
    if (turn !== this.turns.picture && now.family !== family) return;
    this.overview.show({ key: `${analysis.id} ${family.id} ${family.columns[0].map.analysis ?? ''}`, data, size, diverging: family.columns[0].map.signed, layers: family.layers, titles: family.columns.map((c) => c.title), selected: now.place });
  }

  private showDetails(): void {
    const { shown } = this;
    if (shown && shown.matrix.rows.length > 0) this.details.showToken(shown.matrix, shown.mixing, rowsOf(this.hovered, this.selectedRows()));
  }

  private hover(place: Cell | { side: string; index: number } | number | undefined, tokens: number[]): void {
    const before = this.hovered;
    this.hovered = typeof place === 'object' && 'row' in place ? place : typeof place === 'object' ? { row: place.index, column: place.index } : undefined;
    if (before?.row !== this.hovered?.row) this.showDetails();
    this.host.send({ type: 'hover', tokens });
  }

  private drawn(surface: 'webgl' | 'software'): void {
    if (!this.shown) return;
    // What is on screen, for tests and assistive scripts: the analysis and the picture's title.
    document.body.dataset.analysis = this.analysis!.id;
    document.body.dataset.drawn = `${this.analysis!.id} ${this.shown.title}`;
    if (!this.asked) return;
    this.host.send({ type: 'drawn', milliseconds: performance.now() - this.asked, surface });
    this.asked = 0;
  }

  private repaint(): void {
    this.stage.repaint();
    this.overview.repaint();
    if (this.shown && this.legendPlace.childElementCount > 0) this.legendPlace.replaceChildren(legend(currentTheme().scale, this.shown.matrix.range, this.shown.matrix.diverging));
  }

  private fail(message: string): void {
    this.status(undefined, this.stale, message);
    this.failed = true;
    this.host.send({ type: 'problem', message });
  }

  /** The view asked for where the analysis has it, else the mean attention of the last layer. */
  private fitting(view: ViewState | undefined): ViewState {
    const { family, place } = locate(this.families, view?.choice);
    const tokens = view?.choice.tokens?.filter((token) => token < this.analysis!.tokens.length);
    const choice = choose(family, place, { ...view?.choice, tokens: tokens?.length ? tokens : undefined });
    const known = view !== undefined && family.columns.some((column) => column.map.id === view.choice.map);
    if (known && view.choice.layer === undefined) delete choice.layer;
    return { ...view, choice, picture: view?.picture === 'trust' ? undefined : view?.picture };
  }
}

/** What the place and size of cells depend on. */
function layoutOf(view: ViewState | undefined): string {
  return `${view?.picture} ${view?.choice.words} ${view?.choice.special}`;
}
