import type { CanvasKit } from 'canvaskit-wasm';
import type { AnalysisSummary, MapInfo, ViewState } from '../../protocol/messages';
import { mapOf, type DataSource } from '../data/source';
import { readable } from '../toolkit/labels';
import { select, type Cell } from '../views/heatmap';
import { largestOf, type Place } from '../views/overview';
import { bars, strongest } from './bars';
import { Controls } from './controls';
import { element, icon } from './elements';
import { Explanation } from './explanation';
import { choose, explaining, familiesOf, locate, thumbnails, type Family } from './families';
import type { Host } from './host';
import { legend } from './legend';
import { MapView, type ShownMap } from './mapView';
import { OverviewView } from './overviewView';
import { currentTheme, onThemeChange } from './theme';

const listed = 6;
const describedRows = 128;

/** Where further numbers come from, where somebody can compute them. */
export interface More {
  compute(method: string, target?: string): Promise<MapInfo | undefined>;
  sourceOf(analysis: string): DataSource;
}

/** The panel: one analysis, one map of it at a time, and what it says about the token pointed at. */
export class Panel {
  private readonly controls: Controls;
  private readonly overview = new OverviewView();
  private readonly map = new MapView();
  private readonly notices = element('div', { class: 'notices', role: 'status' });
  private readonly legendPlace = element('div', { class: 'legend-place' });
  private readonly caption = element('div', { class: 'caption' });
  private readonly details = element('aside', { class: 'details', 'aria-label': 'About the token' });
  private readonly mirror = element('ul', { class: 'visually-hidden', 'aria-label': 'What each token draws on' });
  private readonly empty = element('div', { class: 'empty' });
  private readonly body = element('main', { class: 'body', hidden: true });
  private analysis?: AnalysisSummary;
  private families: Family[] = [];
  private source?: DataSource;
  private view?: ViewState;
  private shown?: ShownMap;
  private hovered?: Cell;
  private wanted = 0;
  private asked = 0;
  private computed = 0;
  private explained = 0;
  private readonly others = new Map<string, DataSource>();
  private readonly explanation = new Explanation();
  private stale = false;
  private failed = false;

  constructor(
    root: HTMLElement,
    private readonly host: Host,
    skia: Promise<CanvasKit>,
    private readonly more?: More,
  ) {
    this.controls = new Controls(host.commands);
    this.controls.onChange = (view) => void this.change(view);
    this.controls.onCompute = (method) => void this.compute(method);
    this.explanation.onChoose = (method) => void this.explain(method);
    this.controls.onCommand = (id) => host.send({ type: 'command', id });
    this.overview.onChoose = (place) => void this.choose(place);
    this.map.onHover = (cell) => this.hover(cell);
    this.map.onSelect = (token) => void this.change({ ...this.view!, choice: { ...this.view!.choice, tokens: token === undefined ? undefined : [token] } });
    this.map.onDrawn = (kind) => this.drawn(kind);
    this.empty.append(icon('symbol-misc'), element('p', {}, host.commands ? 'Select text in an editor and run Attention: Analyze Attention.' : 'This page holds no analysis.'));
    this.body.append(this.overview.root, element('div', { class: 'picture' }, this.map.root, this.legendPlace, this.caption), this.details, this.mirror);
    root.append(this.controls.root, this.notices, this.empty, this.body);
    this.controls.root.hidden = true;
    onThemeChange(() => this.repaint());
    skia.then(
      (kit) => {
        // First picture first: a second drawing surface takes as long to set up as the first.
        this.map.start(kit);
        setTimeout(() => this.overview.start(kit), 50);
      },
      (error) => this.fail(`Skia could not be started: ${(error as Error).message}`),
    );
  }

  /** Shows an analysis; a view that does not fit it gives way to the default. */
  async open(analysis: AnalysisSummary, source: DataSource, view?: ViewState): Promise<void> {
    this.asked = performance.now();
    this.analysis = analysis;
    this.families = familiesOf(analysis);
    this.source = source;
    this.others.clear();
    this.explanation.offer(this.more ? explaining(analysis) : []);
    this.hovered = undefined;
    this.shown = undefined;
    this.empty.hidden = true;
    this.body.hidden = false;
    this.controls.root.hidden = false;
    this.status(undefined, false, undefined);
    await this.change(this.fitting(view ?? this.view), true);
  }

  /** Says what is going on; whatever is shown stays. */
  status(busy: string | undefined, stale: boolean, error: string | undefined): void {
    this.stale = stale;
    this.failed = false;
    this.notices.replaceChildren();
    if (busy) this.notices.append(element('p', { class: 'notice' }, icon('loading codicon-modifier-spin'), ` ${busy}`));
    if (error) this.notices.append(element('p', { class: 'notice error' }, icon('error'), ` ${error}`));
    if (stale) {
      const again = element('button', { class: 'link' }, 'Analyze again');
      again.addEventListener('click', () => this.host.send({ type: 'command', id: 'attention.analyzeAgain' }));
      this.notices.append(element('p', { class: 'notice' }, icon('warning'), ' The text was edited since. ', again));
    }
    for (const note of this.analysis?.notes ?? []) this.notices.append(element('p', { class: 'notice' }, icon('info'), ` ${note}`));
  }

  highlight(tokens: number[]): void {
    this.map.highlight(tokens);
  }

  /** The numbers of a map: in the analysis shown, or in one of its own. */
  private sourceOf(map: MapInfo): DataSource {
    if (!map.analysis || !this.more) return this.source!;
    let source = this.others.get(map.analysis);
    if (!source) this.others.set(map.analysis, (source = this.more.sourceOf(map.analysis)));
    return source;
  }

  /** Computes a method and shows it; what is shown stays until then. */
  private async compute(method: string): Promise<void> {
    const { analysis } = this;
    if (!analysis || !this.more) return;
    const turn = ++this.computed;
    try {
      const map = await this.more.compute(method);
      if (analysis !== this.analysis) return;
      if (map && turn === this.computed) {
        analysis.maps = [...analysis.maps.filter((other) => other.id !== map.id), map];
        this.families = familiesOf(analysis);
        const family = this.families.find((f) => f.id === map.id);
        if (family) return await this.change({ ...this.view!, choice: choose(family, { layer: family.layers - 1, column: 0 }, this.view!.choice.tokens) });
      }
    } catch (error) {
      if (analysis === this.analysis) this.fail((error as Error).message);
    }
    this.controls.show(analysis, this.families, this.view!);
  }

  /** What each token has to do with the prediction, by a method that explains it. */
  private async explain(method: string): Promise<void> {
    const { analysis } = this;
    if (!analysis || !this.more) return;
    try {
      const turn = ++this.explained;
      const map = await this.more.compute(method);
      // Of several chosen in a row the last is shown.
      if (turn !== this.explained) return;
      if (!map || analysis !== this.analysis) return this.explanation.clear();
      const { data } = await this.sourceOf(map).slice(map.tensor ?? map.id, []);
      if (analysis === this.analysis) this.explanation.show(map, analysis.tokens.map((token, i) => ({ text: token.text, value: data[i] })));
    } catch (error) {
      this.explanation.clear();
      if (analysis === this.analysis) this.fail((error as Error).message);
    }
  }

  private choose(place: Place): Promise<void> {
    const { choice } = this.view!;
    return this.change({ ...this.view!, choice: choose(locate(this.families, choice).family, place, choice.tokens) });
  }

  /** Shows another map, layer, head or token; of several changes in a row only the last is drawn. */
  private async change(view: ViewState, fresh = false): Promise<void> {
    const { analysis, source } = this;
    if (!analysis || !source) return;
    const before = this.view;
    this.view = view;
    this.controls.show(analysis, this.families, view);
    this.host.save({ analysis, view });
    this.host.send({ type: 'view', state: view });
    const turn = ++this.wanted;
    const { family, column, place } = locate(this.families, view.choice);
    const sameFamily = !fresh && before !== undefined && locate(this.families, before.choice).family === family;
    if (sameFamily) this.overview.choose(place);
    try {
      const tensor = await mapOf(this.sourceOf(column.map), column.map, place.layer, column.head);
      if (turn !== this.wanted) return;
      // What could not be shown before no longer matters.
      if (this.failed) this.status(undefined, this.stale, undefined);
      this.showMap(tensor.data, fresh || before?.hideSpecial !== view.hideSpecial);
      if (!sameFamily) await this.showOverview(turn);
      await this.fetchAhead(turn);
    } catch (error) {
      if (turn === this.wanted) this.fail((error as Error).message);
    }
  }

  private showMap(data: Float32Array, fresh: boolean): void {
    const analysis = this.analysis!;
    const view = this.view!;
    const shown = analysis.tokens.flatMap((token, i) => (view.hideSpecial && token.special ? [] : [i]));
    const part = select(data, analysis.tokens.length, shown);
    const { map, layer, head } = view.choice;
    this.shown = {
      key: `${analysis.id} ${map} ${layer} ${head}`,
      data,
      tokens: analysis.tokens.map((token) => token.text),
      shown,
      part,
      range: [0, largestOf(part)],
      title: this.title(),
    };
    this.map.show(this.shown, fresh);
    this.map.select(view.choice.tokens?.[0]);
    this.legendPlace.replaceChildren(legend(currentTheme().scale, this.shown.range));
    this.describe();
    this.showDetails();
    this.mirrorRows();
  }

  /** Reads the maps a reader is likely to look at next, nearest first, until something else is asked for. */
  private async fetchAhead(turn: number): Promise<void> {
    const { family, place } = locate(this.families, this.view!.choice);
    const near = family.columns
      .map((column, i) => ({ column, layer: place.layer, distance: Math.abs(i - place.column) }))
      .concat([-1, 1].map((step) => ({ column: family.columns[place.column], layer: place.layer + step, distance: 1 })))
      .filter(({ layer, distance }) => distance > 0 && layer >= 0 && layer < family.layers)
      .sort((a, b) => a.distance - b.distance);
    for (const { column, layer } of near) {
      if (turn !== this.wanted) return;
      try {
        await mapOf(this.sourceOf(column.map), column.map, layer, column.head);
      } catch {
        // Nobody asked for it yet: whoever does is told.
        return;
      }
    }
  }

  private async showOverview(turn: number): Promise<void> {
    const analysis = this.analysis!;
    const { family } = locate(this.families, this.view!.choice);
    const { size, data } = await thumbnails((map) => this.sourceOf(map), family, analysis);
    // Another place of the same family may have been chosen while these were read.
    const now = locate(this.families, this.view!.choice);
    if (turn !== this.wanted && now.family !== family) return;
    this.overview.show({ key: `${analysis.id} ${family.id}`, data, size, layers: family.layers, titles: family.columns.map((c) => c.title), selected: now.place });
  }

  /** "Attention rollout, layer 2 of 4". */
  private title(): string {
    const { choice } = this.view!;
    const { map } = locate(this.families, choice).column;
    return `${map.title}, layer ${(choice.layer ?? 0) + 1} of ${map.layers}${choice.head === undefined ? '' : `, head ${choice.head + 1}`}`;
  }

  private describe(): void {
    const { map } = locate(this.families, this.view!.choice).column;
    this.caption.replaceChildren(
      element('p', {}, element('strong', {}, `${this.title()}. `), 'Row: the token being built. Column: the token it draws on. ', map.reading),
      element('details', {}, element('summary', {}, 'What this does not mean'), element('p', {}, map.caution), element('p', { class: 'quiet' }, `${map.formula} · ${map.paper}`)),
    );
  }

  private showDetails(): void {
    const { shown, analysis } = this;
    if (!shown || !analysis) return;
    const token = this.hovered?.to ?? this.view!.choice.tokens?.[0];
    const count = analysis.tokens.length;
    this.details.replaceChildren();
    if (token !== undefined) {
      const name = readable(shown.tokens[token]);
      const named = (list: { token: number; value: number }[]) => list.map((item) => ({ text: shown.tokens[item.token], value: item.value }));
      this.details.append(
        bars(`${name} draws on`, named(strongest((j) => shown.data[token * count + j], shown.shown, listed))),
        bars(`${name} is drawn on by`, named(strongest((i) => shown.data[i * count + token], shown.shown, listed))),
      );
    } else {
      this.details.append(element('section', { class: 'bars' }, element('h2', {}, 'Token'), element('p', { class: 'quiet' }, 'Point at the map to read its numbers; click a row to keep it.')));
    }
    if (analysis.predictions.length > 0) this.details.append(this.explanation.root);
    for (const prediction of analysis.predictions) {
      const where = prediction.token === undefined ? '' : ` at token ${prediction.token}`;
      this.details.append(bars(`${prediction.title}${where}`, prediction.candidates.slice(0, listed).map((c) => ({ text: c.text, value: c.probability })), 1));
    }
  }

  /** The map in words, for readers who do not see it. */
  private mirrorRows(): void {
    const { data, shown, tokens } = this.shown!;
    const rows = shown.slice(0, describedRows).map((row) => {
      const list = strongest((j) => data[row * tokens.length + j], shown, 3);
      return element('li', {}, `${readable(tokens[row])} draws on ${list.map((item) => `${readable(tokens[item.token])} ${item.value.toFixed(2)}`).join(', ')}`);
    });
    this.mirror.replaceChildren(...rows);
  }

  private hover(cell: Cell | undefined): void {
    const before = this.hovered;
    this.hovered = cell;
    if (before?.to !== cell?.to) this.showDetails();
    if (before?.to !== cell?.to || before?.from !== cell?.from) this.host.send({ type: 'hover', tokens: cell ? [...new Set([cell.to, cell.from])] : [] });
  }

  private drawn(surface: 'webgl' | 'software'): void {
    if (!this.shown) return;
    // What is on screen, for tests and assistive scripts: the analysis and the map's title.
    document.body.dataset.analysis = this.analysis!.id;
    document.body.dataset.drawn = `${this.analysis!.id} ${this.shown.title}`;
    if (!this.asked) return;
    this.host.send({ type: 'drawn', milliseconds: performance.now() - this.asked, surface });
    this.asked = 0;
  }

  private repaint(): void {
    this.map.repaint();
    this.overview.repaint();
    if (this.shown) this.legendPlace.replaceChildren(legend(currentTheme().scale, this.shown.range));
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
    return { choice: choose(family, place, tokens?.length ? tokens : undefined), hideSpecial: view?.hideSpecial ?? false };
  }
}
