import type { CanvasKit } from 'canvaskit-wasm';
import type { AnalysisSummary, Edit, MapInfo, TextTab, ViewState } from '../../protocol/messages';
import { Groups } from '../data/groups';
import { tensorOf, type DataSource } from '../data/source';
import { readable } from '../toolkit/labels';
import type { Place } from '../views/overview';
import { fetchAhead } from './ahead';
import { copy, tableOf } from './clipboard';
import { Controls } from './controls';
import { Details } from './details';
import { Edits } from './edits';
import { element, icon } from './elements';
import { Explanation } from './explanation';
import type { Host } from './host';
import { openMenu } from './menu';
import { offersAt } from './offers';
import { generalNotes } from './notes';
import { Notices } from './notices';
import { Numbers } from './numbers';
import { OverviewView } from './overviewView';
import { Picture } from './picture';
import type { More, SourceOf } from './request';
import { choose, explaining, familiesOf, hasThumbnails, keptAfter, locate, thumbnails, type Family } from './results';
import { Texts } from './texts';
import { onThemeChange } from './theme';

/** Explains a prediction unless the reader chose otherwise: one backward pass, and signed. */
const usualExplanation = 'grad_x_input';

/** The panel: one analysis, one picture of it at a time, and what it says about the token pointed at. */
export class Panel {
  private readonly controls: Controls;
  private readonly overview = new OverviewView();
  private readonly notices = new Notices();
  private readonly texts = new Texts();
  private readonly empty = element('div', { class: 'empty' });
  private readonly body = element('main', { class: 'body', hidden: true });
  private readonly explanation = new Explanation();
  private readonly edits = new Edits();
  private readonly details = new Details(this.explanation, this.edits);
  private readonly picture = new Picture(this.details);
  private analysis?: AnalysisSummary;
  /** The same without changes to the model. */
  private plain?: AnalysisSummary;
  private families: Family[] = [];
  private view?: ViewState;
  /** The analysis of the changed model, where there are changes. */
  private changedId?: string;
  private lastText = '';
  /** Counted up by whatever makes older answers unwanted: another picture, computation, explanation or change. */
  private readonly turns = { picture: 0, compute: 0, explain: 0, edit: 0 };
  private asked = 0;
  private readonly numbers: Numbers;
  private stale = false;
  private pinned = false;
  private failed = false;

  constructor(
    root: HTMLElement,
    private readonly host: Host,
    skia: Promise<CanvasKit>,
    sources: SourceOf,
    private readonly more?: More,
  ) {
    this.numbers = new Numbers(sources, more);
    this.controls = new Controls(host.commands);
    this.controls.onChange = (view) => void this.change(view);
    this.picture.onChange = (view) => void this.change(view);
    this.picture.onKeep = (tokens, add) => this.keep(tokens, add);
    this.picture.onHead = (layer, head) => void this.showHead(layer, head);
    this.picture.onHover = (tokens) => host.send({ type: 'hover', tokens });
    this.controls.onCompute = (method) => void this.compute(method);
    this.controls.onCopy = (what) => void this.copy(what);
    this.controls.onCommand = (id) => host.send({ type: 'command', id });
    this.explanation.onChoose = (method) => {
      this.remember({ ...this.view!, explanation: method });
      if (method) void this.explain(method);
    };
    this.explanation.onTrust = () => {
      // The list it is asked from may be far below.
      this.picture.place.scrollIntoView({ block: 'nearest' });
      void this.change({ ...this.view!, picture: 'trust' });
    };
    this.explanation.target.onChange = (target) => void this.retarget(target);
    this.texts.onChoose = (id) => host.send({ type: 'text', id });
    this.overview.onChoose = (place) => void this.choose(place);
    this.notices.onCancel = () => more?.cancel();
    this.notices.onAgain = () => host.send({ type: 'command', id: 'attention.analyzeAgain' });
    this.edits.onChange = (edits) => void this.edit(edits);
    this.edits.onSave = (edits) => host.send({ type: 'saveEdits', edits });
    this.edits.onLoad = () => host.send({ type: 'loadEdits' });
    this.picture.onMenu = (place, x, y) => this.offer(place, x, y);
    this.picture.onDrawn = (kind) => this.drawn(kind);
    this.empty.append(icon('symbol-misc'), element('p', {}, host.commands ? 'Select text in an editor and run Attention: Analyze Attention.' : 'This page holds no analysis.'));
    this.body.append(this.overview.root, this.picture.root, this.details.root, this.picture.mirror.root);
    root.append(this.texts.root, this.controls.root, this.notices.root, this.empty, this.body);
    this.controls.root.hidden = true;
    onThemeChange(() => this.repaint());
    skia.then(
      (kit) => {
        // First picture first: a second drawing surface takes as long to set up as the first.
        this.picture.start(kit);
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
    this.numbers.open(source);
    this.changedId = undefined;
    const wanted = view ?? this.view;
    this.explanation.offer(analysis, explaining(analysis), wanted?.target, this.more !== undefined);
    this.turns.edit++;
    this.edits.open([], analysis.tokens.map((token) => readable(token.text)), this.more !== undefined && analysis.methods.length > 0);
    this.picture.reset();
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
    this.notices.show({ busy, stoppable: this.numbers.busy, error, stale, notes: this.analysis ? generalNotes(this.analysis) : [] });
  }

  /** The texts to choose from, and whether the panel stays with the one it shows. */
  showTexts(texts: TextTab[], current: string | undefined, pinned: boolean): void {
    this.texts.show(texts, current);
    this.pinned = pinned;
    this.controls.pinned(pinned);
    if (this.view) this.remember(this.view);
  }

  /** Which tokens the prediction comes from, unless the reader chose a method already. */
  explainPrediction(): void {
    const offered = this.analysis && explaining(this.analysis);
    const method = this.explanation.chosen ?? offered?.find((known) => known.id === usualExplanation)?.id ?? offered?.[0]?.id;
    if (!method) return this.fail('This model predicts nothing to explain: choose a model with a head.');
    this.explanation.choose(method);
    this.explanation.root.scrollIntoView({ block: 'nearest' });
  }

  highlight(tokens: number[]): void {
    this.picture.highlight(tokens);
  }

  /** What is on screen, as a PNG or SVG file; undefined before there is a picture. */
  file(format: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.picture.file(format, this.analysis?.model.name ?? '');
  }

  /** Puts what is on screen on the clipboard. */
  private async copy(what: 'picture' | 'table'): Promise<void> {
    const shown = this.picture.on;
    try {
      if (what === 'table' && !shown?.matrix.rows.length) throw new Error('This picture is no table: choose a map or export the numbers.');
      const content = what === 'table' ? tableOf(shown!) : await this.file('png');
      if (content) await copy(content);
    } catch (error) {
      this.fail((error as Error).message);
    }
  }

  /** Changes out of a file, or from before the panel was loaded again. */
  setEdits(edits: Edit[]): void {
    this.edits.set(edits);
  }

  /** What can be done at a place of the picture. */
  private offer(place: unknown, x: number, y: number): void {
    const { plain, view } = this;
    if (!this.more || !plain || !view || plain.methods.length === 0) return;
    const offers = offersAt(place, { analysis: plain, view, shown: this.picture.on });
    if (offers.length > 0) openMenu(this.picture.place, x, y, offers.map(({ title, edit }) => ({ title, run: () => this.edits.add(edit) })));
  }

  /** Everything shown is about the changed model from now on; of several changes in a row only the last is waited for. */
  private async edit(edits: Edit[]): Promise<void> {
    const { plain } = this;
    if (!plain || !this.more) return;
    const turn = ++this.turns.edit;
    try {
      const changed = edits.length > 0 ? await this.numbers.working(() => this.more!.change(edits)) : undefined;
      if (turn !== this.turns.edit || plain !== this.plain || (edits.length > 0 && !changed)) return;
      const { choice } = this.view!;
      if (changed) {
        const { analysis, source } = changed;
        this.numbers.know(analysis.id, source);
        this.analysis = { ...plain, maps: analysis.maps.map((map) => ({ ...map, analysis: analysis.id })), predictions: analysis.predictions, notes: analysis.notes };
        this.changedId = analysis.id;
      } else {
        this.analysis = plain;
        this.changedId = undefined;
      }
      this.families = familiesOf(this.analysis);
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

  /** Computes a method and shows it; what is shown stays until then. */
  private async compute(method: string, place?: { layer?: number; head?: number }): Promise<void> {
    const { analysis } = this;
    if (!analysis || !this.more) return;
    const turn = ++this.turns.compute;
    try {
      const map = await this.numbers.working(() => this.more!.compute(this.askedOf, method, this.targetFor(method)));
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
      const map = this.more && !(known && !known.analysis && this.view?.target === undefined) ? await this.numbers.working(() => this.more!.compute(this.askedOf, method, this.view?.target)) : known;
      // Of several chosen in a row the last is shown.
      if (turn !== this.turns.explain) return;
      if (!map || analysis !== this.analysis) return this.explanation.clear();
      analysis.maps = [...analysis.maps.filter((other) => other.id !== map.id), map];
      const { data } = await this.numbers.of(map).slice(tensorOf(map), []);
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
    this.host.save({ analysis: this.plain, view: this.view, pinned: this.pinned });
    this.host.send({ type: 'view', state: this.view });
  }

  /** Shows another result, layer, head, token or kind of picture; of several changes in a row only the last is drawn. */
  private async change(view: ViewState, fresh = false): Promise<void> {
    const { analysis } = this;
    if (!analysis) return;
    const before = this.view;
    this.remember(view);
    this.controls.show(analysis, this.families, view);
    const turn = ++this.turns.picture;
    const { family, column, place } = locate(this.families, view.choice);
    const sameFamily = !fresh && before !== undefined && !standsAlone(before) && locate(this.families, before.choice).family === family;
    if (sameFamily && hasThumbnails(family)) this.overview.choose(place);
    try {
      if (standsAlone(view)) this.overview.root.hidden = true;
      const drawn = await this.picture.draw({
        analysis,
        view: this.view!,
        families: this.families,
        family,
        column,
        fresh: fresh || layoutOf(before) !== layoutOf(view),
        sourceOf: (map) => this.numbers.of(map),
        computed: (method) => this.computed(method),
        vectors: () => this.numbers.vectors(this.askedOf),
        trust: () => this.numbers.trust(this.askedOf, view.target),
        flow: (edges, source, sink, layers) => this.numbers.flow(this.askedOf, edges, source, sink, layers),
        difference: (first, second) => this.numbers.difference(this.askedOf, first, second, view.target),
        current: () => turn === this.turns.picture,
      });
      // What was stopped gives way to the map.
      if (!drawn && turn === this.turns.picture) return await this.change({ ...view, picture: undefined, difference: undefined }, fresh);
      if (!drawn) return;
      // What could not be shown before no longer matters.
      if (this.failed) this.status(undefined, this.stale, undefined);
      if (standsAlone(view)) return;
      if (!sameFamily) await this.showOverview(turn);
      await fetchAhead(family, locate(this.families, this.view!.choice).place, (map) => this.numbers.of(map), () => turn === this.turns.picture);
    } catch (error) {
      if (turn === this.turns.picture) this.fail((error as Error).message);
    }
  }

  /** The result of a method, computed where it is not known yet; undefined where that was stopped or nobody can. */
  private async computed(method: string): Promise<MapInfo | undefined> {
    const { analysis } = this;
    const known = analysis!.maps.find((map) => map.id === method);
    if (known || !this.more) return known;
    const map = await this.numbers.working(() => this.more!.compute(this.askedOf, method, this.targetFor(method)));
    if (map && analysis === this.analysis) {
      analysis!.maps = [...analysis!.maps.filter((other) => other.id !== map.id), map];
      this.families = familiesOf(analysis!);
    }
    return map;
  }

  /** Keeps tokens, or lets go of them; with `add`, beside those kept before. */
  private keep(tokens: number[] | undefined, add: boolean): void {
    const next = tokens === undefined ? [] : keptAfter(this.view!.choice.tokens ?? [], tokens, add);
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
    const { size, data } = await thumbnails((map) => this.numbers.of(map), family, analysis);
    // Another place of the same family may have been chosen while these were read.
    const now = locate(this.families, this.view!.choice);
    if (turn !== this.turns.picture && now.family !== family) return;
    this.overview.show({ key: `${analysis.id} ${family.id} ${family.columns[0].map.analysis ?? ''}`, data, size, diverging: family.columns[0].map.signed, layers: family.layers, titles: family.columns.map((c) => c.title), selected: now.place });
  }

  private drawn(surface: 'webgl' | 'software'): void {
    const shown = this.picture.on;
    if (!shown) return;
    // What is on screen, for tests and assistive scripts: the analysis and the picture's title.
    document.body.dataset.analysis = this.analysis!.id;
    document.body.dataset.drawn = `${this.analysis!.id} ${shown.title}`;
    if (!this.asked) return;
    this.host.send({ type: 'drawn', milliseconds: performance.now() - this.asked, surface });
    this.asked = 0;
  }

  private repaint(): void {
    this.picture.repaint();
    this.overview.repaint();
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
  return `${view?.picture} ${view?.choice.words} ${view?.choice.special} ${view?.beside === undefined} ${view?.difference}`;
}

/** Pictures that are of all layers and heads at once: the overview beside them would say it again. */
function standsAlone(view: ViewState): boolean {
  return view.picture === 'trust' || view.picture === 'model';
}
