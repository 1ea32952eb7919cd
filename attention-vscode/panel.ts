import * as vscode from 'vscode';
import type { AnalysisSummary, ChangeParams, ComputeParams, Edit, FromWebview, MapInfo, Slice, SliceParams, ToWebview, TrustMatrix, TrustParams, StoredAnalysis, VectorsParams, ViewState } from '../protocol/messages';
import { analyze, sourcesOf } from './analyze';
import type { AttentionContext } from './context';
import { loadEdits, saveEdits } from './edits';
import { keepPage, pageColumn } from './pages';
import { panelHtml } from './panelHtml';

/** The panel beside the editor: a webview that is told what to show and asks for the numbers it needs. */

const viewType = 'attention.panel';
const pictureMilliseconds = 10_000;
const allowedCommands = new Set(['attention.analyze', 'attention.analyzeAgain', 'attention.selectModel']);
/** The panel that shows what is analyzed next; pinned ones do not. */
let current: Panel | undefined;
/** All of them. */
const open = new Set<Panel>();

export function activate(context: AttentionContext): void {
  context.extension.subscriptions.push(
    context.shown.onChange(() => {
      void vscode.commands.executeCommand('setContext', 'attention.shown', context.shown.analysis !== undefined);
      if (context.shown.analysis) current?.update();
      else current?.close();
    }),
    vscode.commands.registerCommand('attention.pin', () => current?.pin()),
    context.server.onStale((analysis) => {
      if (context.shown.analysis?.id === analysis) context.shown.markStale();
    }),
    vscode.window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: async (revived, state: { analysis?: AnalysisSummary; view?: ViewState; pinned?: boolean } | undefined) => {
        if (state?.pinned && state.analysis) {
          new Panel(context, revived, state.view, state.analysis);
          return;
        }
        current = new Panel(context, revived, state?.view);
        if (state?.analysis) await analyze(context, await sourcesOf(state.analysis));
      },
    }),
  );
}

/** The panel, opened beside the editor when there is none. */
export function showPanel(context: AttentionContext): Panel {
  if (current) current.reveal();
  else current = new Panel(context, webviewIn());
  return current;
}

/** A panel of its own for an analysis: it stays where it is while other texts are analyzed. */
export function showPinned(context: AttentionContext, analysis: AnalysisSummary, view?: ViewState): void {
  new Panel(context, webviewIn(), view, analysis);
}

function webviewIn(): vscode.WebviewPanel {
  return vscode.window.createWebviewPanel(viewType, 'Attention', { viewColumn: pageColumn(), preserveFocus: true }, { enableScripts: true, retainContextWhenHidden: true });
}

export function currentPanel(): Panel | undefined {
  return current;
}

/** The panel the reader is in, or else the one that shows what was analyzed last. */
export function activePanel(): Panel | undefined {
  return [...open].find((panel) => panel.active) ?? current;
}

type Answer = Pick<ToWebview & { type: 'reply' }, 'map' | 'trust' | 'stored' | 'analysis' | 'uri'>;

export class Panel {
  private static readonly hovered = new vscode.EventEmitter<number[]>();
  private static readonly viewed = new vscode.EventEmitter<ViewState>();
  /** Tokens the mouse is on. */
  static readonly onHover = Panel.hovered.event;
  /** The picture changed. */
  static readonly onView = Panel.viewed.event;
  private readonly closed = new vscode.EventEmitter<void>();
  readonly onClose = this.closed.event;
  private readonly opened = Date.now();
  private readonly computing = new Map<number, vscode.CancellationTokenSource>();
  private readonly pictures = new Map<number, (content: string | undefined) => void>();
  private lastPicture = 0;
  private ready = false;
  private work?: string;
  private error?: string;
  private view?: ViewState;
  /** The analysis the page has. */
  private sent?: AnalysisSummary;
  private drawn = false;
  private explaining = false;
  /** Changes that the next analysis is shown with. */
  private changing?: Edit[];

  constructor(
    private readonly context: AttentionContext,
    private readonly panel: vscode.WebviewPanel,
    view?: ViewState,
    /** What it stays with, whatever is analyzed later. */
    private pinned?: AnalysisSummary,
  ) {
    this.view = view;
    open.add(this);
    keepPage(panel);
    const { webview } = panel;
    const media = vscode.Uri.joinPath(context.extension.extensionUri, 'out', 'media');
    webview.options = { enableScripts: true, localResourceRoots: [media, context.server.cache] };
    webview.html = panelHtml(webview, media);
    webview.onDidReceiveMessage((message: FromWebview) => this.receive(message));
    this.tellPinned();
    panel.onDidChangeViewState(() => this.tellPinned());
    panel.onDidDispose(() => {
      this.ready = false;
      open.delete(this);
      this.closed.fire();
      if (this !== current) return;
      current = undefined;
      context.shown.set(undefined);
    });
  }

  /** What is shown now, for exports. */
  get shownView(): ViewState | undefined {
    return this.view;
  }

  /** What is on screen, as a file of that format. */
  async picture(format: string): Promise<Uint8Array> {
    const id = ++this.lastPicture;
    const waiting = new Promise<string | undefined>((resolve, reject) => {
      this.pictures.set(id, resolve);
      setTimeout(() => reject(new Error('The panel did not answer: open it and export again.')), pictureMilliseconds);
    });
    this.send({ type: 'picture', id, format });
    try {
      const content = await waiting;
      if (!content) throw new Error('There is no picture on screen yet.');
      return Buffer.from(content, 'base64');
    } finally {
      this.pictures.delete(id);
    }
  }

  reveal(): void {
    if (!this.panel.visible) this.panel.reveal(undefined, true);
  }

  close(): void {
    this.panel.dispose();
  }

  busy(work: string | undefined): void {
    this.work = work;
    this.error = undefined;
    this.sendStatus();
  }

  fail(error: string): void {
    this.work = undefined;
    this.error = error;
    this.sendStatus();
  }

  highlight(tokens: number[]): void {
    this.send({ type: 'highlight', tokens });
  }

  /** Says what the prediction comes from. */
  explain(): void {
    if (this.drawn) this.send({ type: 'explain' });
    else this.explaining = true;
  }

  /** Shows the analysis that comes next under changes to the model, at a layer; under those of the reader where there are none. */
  expect(edits: Edit[] | undefined, layer?: number): void {
    this.changing = edits;
    if (!edits) return;
    const choice = this.view?.choice ?? { map: 'attention_mean' };
    this.view = { ...this.view, choice: { ...choice, layer }, edits: undefined };
  }

  /** Stays with what it shows; what is analyzed next comes in a panel of its own. */
  pin(): void {
    if (!this.context.shown.analysis) return;
    this.pinned = this.context.shown.analysis;
    current = undefined;
    this.update();
    this.tellPinned();
  }

  /** Shows what is now current, or what it stays with. */
  update(): void {
    const analysis = this.analysis;
    if (analysis && !this.stale && analysis !== this.sent) {
      this.sent = analysis;
      this.work = this.error = undefined;
      this.send({ type: 'analysis', analysis, fileUri: this.uri(analysis.path), view: this.view });
    }
    if (analysis) this.panel.title = `${this.pinned ? 'Pinned' : 'Attention'} — ${isComparison(analysis) ? analysis.model.name : title(analysis.text)}`;
    const texts = this.pinned ? [] : this.context.shown.texts;
    this.send({ type: 'texts', list: texts.map(({ id, text }) => ({ id, title: title(text) })), current: analysis?.id, pinned: this.pinned !== undefined });
    this.sendStatus();
  }

  get active(): boolean {
    return this.panel.active;
  }

  /** What it shows. */
  get analysis(): AnalysisSummary | undefined {
    return this.pinned ?? this.context.shown.analysis;
  }

  /** The pin above the panel is for those that do not stay yet. */
  private tellPinned(): void {
    if (this.panel.active) void vscode.commands.executeCommand('setContext', 'attention.pinned', this.pinned !== undefined);
  }

  private get stale(): boolean {
    return !this.pinned && this.context.shown.stale;
  }

  /** Whether the editor's marks are about what it shows. */
  private get marks(): boolean {
    return this.analysis === this.context.shown.analysis;
  }

  private sendStatus(): void {
    this.send({ type: 'status', busy: this.work, stale: this.stale, error: this.error });
  }

  private receive(message: FromWebview): void {
    switch (message.type) {
      case 'ready':
        this.ready = true;
        this.drawn = false;
        this.sent = undefined;
        this.context.log.info(`panel ready after ${Date.now() - this.opened} ms`);
        this.update();
        break;
      case 'slice':
        void this.answer(message.id, message.slice);
        break;
      case 'compute':
        void this.long(message.id, async (workDoneToken, token) => {
          const params: ComputeParams = { analysis: message.analysis, method: message.method, target: message.target, workDoneToken };
          return { map: await this.context.server.request<MapInfo>('attention/compute', params, token) };
        });
        break;
      case 'trust':
        void this.long(message.id, async (workDoneToken, token) => {
          const params: TrustParams = { analysis: message.analysis, target: message.target, workDoneToken };
          return { trust: await this.context.server.request<TrustMatrix>('attention/trust', params, token) };
        });
        break;
      case 'vectors':
        void this.long(message.id, async (workDoneToken, token) => {
          const params: VectorsParams = { analysis: message.analysis, workDoneToken };
          return this.stored('attention/vectors', params, token);
        });
        break;
      case 'flow':
        void this.long(message.id, (_, token) => this.stored('attention/flow', message.graph, token));
        break;
      case 'difference':
        void this.long(message.id, (workDoneToken, token) => this.stored('attention/difference', { ...message.methods, workDoneToken }, token));
        break;
      case 'change':
        void this.long(message.id, async (workDoneToken, token) => {
          const { analysis } = this;
          if (!analysis) return {};
          const params: ChangeParams = { analysis: analysis.id, edits: message.edits, workDoneToken };
          const changed = await this.context.server.request<AnalysisSummary>('attention/change', params, token);
          return { analysis: changed, uri: this.uri(changed.path) };
        });
        break;
      case 'saveEdits':
        void saveEdits(message.edits);
        break;
      case 'loadEdits':
        void loadEdits().then((list) => list && this.send({ type: 'edits', list }));
        break;
      case 'save':
        this.pictures.get(message.id)?.(message.content);
        break;
      case 'cancel':
        this.computing.get(message.id)?.cancel();
        break;
      case 'hover':
        if (this.marks) Panel.hovered.fire(message.tokens);
        break;
      case 'view':
        this.view = message.state;
        if (this.marks) Panel.viewed.fire(message.state);
        break;
      case 'text':
        this.context.shown.choose(message.id);
        break;
      case 'command':
        if (allowedCommands.has(message.id)) void vscode.commands.executeCommand(message.id);
        break;
      case 'drawn':
        this.drawn = true;
        if (this.explaining) this.send({ type: 'explain' });
        this.explaining = false;
        if (this.changing) this.send({ type: 'edits', list: this.changing });
        this.changing = undefined;
        this.context.log.info(`drawn in ${message.milliseconds.toFixed(0)} ms (${message.surface})`);
        break;
      case 'problem':
        this.context.log.error(`panel: ${message.message}`);
        break;
    }
  }

  private async stored(method: string, params: object, token: vscode.CancellationToken): Promise<Answer> {
    return { stored: (await this.context.server.request<StoredAnalysis>(method, params, token)).analysis };
  }

  /** What the page asks for and takes its time; says how far it is, and stops when the page no longer wants it. */
  private async long(id: number, ask: (workDoneToken: string, token: vscode.CancellationToken) => Promise<Answer>): Promise<void> {
    const cancellation = new vscode.CancellationTokenSource();
    this.computing.set(id, cancellation);
    const workDoneToken = `compute-${id}-${Date.now()}`;
    const latest = () => [...this.computing.keys()].at(-1) === id;
    let found: Answer = {};
    let failure: string | undefined;
    try {
      const listening = await this.context.server.progress(workDoneToken, (message, percentage) => latest() && this.busy(percentage === undefined ? `${message}…` : `${message}… ${percentage} %`));
      try {
        found = await ask(workDoneToken, cancellation.token);
      } finally {
        listening.dispose();
      }
    } catch (error) {
      if (!cancellation.token.isCancellationRequested) failure = (error as Error).message;
    }
    // Before the answer: the page may have something to say about it.
    if (latest()) this.busy(undefined);
    this.computing.delete(id);
    this.send({ type: 'reply', id, ...found, error: failure });
  }

  private async answer(id: number, wanted: SliceParams): Promise<void> {
    try {
      const slice = await this.context.server.request<Slice>('attention/slice', wanted);
      this.send({ type: 'reply', id, uri: this.uri(slice.path), shape: slice.shape });
    } catch (error) {
      this.send({ type: 'reply', id, error: (error as Error).message });
    }
  }

  private uri(path: string): string {
    return this.panel.webview.asWebviewUri(vscode.Uri.file(path)).toString();
  }

  private send(message: ToWebview): void {
    if (this.ready) void this.panel.webview.postMessage(message);
  }
}

/** What compares two analyses has nothing more to compute. */
function isComparison({ methods }: AnalysisSummary): boolean {
  return methods.length === 0;
}

function title(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 32 ? `${line.slice(0, 31)}…` : line;
}
