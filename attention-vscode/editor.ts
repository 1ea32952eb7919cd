import * as vscode from 'vscode';
import type { Importance, MapChoice } from '../protocol/messages';
import * as config from './config';
import type { AttentionContext } from './context';
import { currentPanel, Panel } from './panel';

/** What the editor shows of an analysis: tints by importance, and the token that the panel points at; and the way back. */

const steps = 5;
const settleMilliseconds = 150;

export function activate(context: AttentionContext): void {
  const marks = new Marks(context);
  context.extension.subscriptions.push(
    marks,
    context.shown.onChange(() => marks.refresh()),
    Panel.onView((view) => marks.choose(view.choice)),
    Panel.onHover((tokens) => marks.point(tokens)),
    vscode.window.onDidChangeVisibleTextEditors(() => marks.draw()),
    vscode.window.onDidChangeTextEditorSelection((event) => marks.follow(event.textEditor)),
    vscode.workspace.onDidChangeTextDocument((event) => marks.edited(event.document)),
    config.onChange(() => marks.draw()),
  );
}

class Marks implements vscode.Disposable {
  private readonly tints = Array.from({ length: steps }, (_, i) => decoration({ backgroundColor: new vscode.ThemeColor(`attention.tint${i + 1}`), borderRadius: '2px' }));
  private readonly pointed = decoration({ border: '1px solid', borderColor: new vscode.ThemeColor('attention.pointed'), borderRadius: '2px' });
  private importance?: Importance;
  private choice?: MapChoice;
  private pointedAt: number[] = [];
  private asked = 0;
  private settling?: NodeJS.Timeout;

  constructor(private readonly context: AttentionContext) {}

  /** Another map is on screen. */
  choose(choice: MapChoice): void {
    this.choice = choice;
    this.refresh();
  }

  /** Asks the server what the tints are now. */
  refresh(): void {
    void this.load();
  }

  point(tokens: number[]): void {
    this.pointedAt = tokens;
    this.draw();
  }

  /** The cursor moved: the panel marks the token it is on. */
  follow(editor: vscode.TextEditor): void {
    const { analysis, stale } = this.context.shown;
    if (!analysis || stale || editor.document.uri.toString() !== analysis.uri) return;
    const tokens = this.ranges().flatMap((range, token) => (range && editor.selections.some((selection) => range.intersection(selection)) ? [token] : []));
    currentPanel()?.highlight(tokens);
  }

  /** Text before the analysed text moves it; where to, the server knows. */
  edited(document: vscode.TextDocument): void {
    if (document.uri.toString() !== this.context.shown.analysis?.uri) return;
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.refresh(), settleMilliseconds);
  }

  draw(): void {
    const { analysis, stale } = this.context.shown;
    const ranges = this.ranges();
    for (const editor of vscode.window.visibleTextEditors) {
      const own = analysis && !stale && editor.document.uri.toString() === analysis.uri;
      const tinted = own && config.tintsEnabled();
      this.tints.forEach((type, i) => editor.setDecorations(type, tinted ? ranges.filter((range, token): range is vscode.Range => range !== undefined && this.importance?.tints[token] === i + 1) : []));
      editor.setDecorations(this.pointed, own ? this.pointedAt.flatMap((token) => ranges[token] ?? []) : []);
    }
  }

  dispose(): void {
    clearTimeout(this.settling);
    for (const type of [...this.tints, this.pointed]) type.dispose();
  }

  private async load(): Promise<void> {
    const turn = ++this.asked;
    const { analysis, stale } = this.context.shown;
    let loaded: Importance | undefined;
    if (analysis?.uri && !stale && this.choice && analysis.maps.some((map) => map.id === this.choice!.map)) {
      try {
        loaded = await this.context.server.request<Importance>('attention/show', { analysis: analysis.id, choice: this.choice });
      } catch (error) {
        this.context.log.warn(`tints: ${(error as Error).message}`);
      }
    }
    if (turn !== this.asked) return;
    this.importance = loaded;
    this.draw();
  }

  private ranges(): (vscode.Range | undefined)[] {
    return (this.importance?.ranges ?? []).map((range) => (range ? new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character) : undefined));
  }
}

function decoration(options: vscode.DecorationRenderOptions): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({ ...options, rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed });
}
