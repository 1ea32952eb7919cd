import * as vscode from 'vscode';
import type { AnalysisSummary } from '../protocol/messages';
import * as config from './config';
import type { AttentionContext } from './context';
import { currentPanel, Panel } from './panel';

/** What the editor shows of an analysis: tints by importance, and the token that the panel points at; and the way back. */

const steps = 5;
const settleMilliseconds = 150;

export function activate(context: AttentionContext): void {
  const marks = new Marks(context);
  const legend = new Legend(context);
  context.extension.subscriptions.push(
    marks,
    legend,
    context.importances.onChange(() => {
      marks.draw();
      legend.draw();
    }),
    Panel.onView((view) => context.importances.choose(view.choice)),
    Panel.onHover((tokens) => marks.point(tokens)),
    vscode.window.onDidChangeVisibleTextEditors(() => marks.draw()),
    vscode.window.onDidChangeTextEditorSelection((event) => marks.follow(event.textEditor)),
    vscode.workspace.onDidChangeTextDocument((event) => marks.edited(event.document)),
    vscode.commands.registerCommand('attention.toggleTints', () => config.enableTints(!config.tintsEnabled())),
    config.onChange(() => {
      marks.draw();
      legend.draw();
    }),
  );
}

class Marks implements vscode.Disposable {
  private readonly tints = Array.from({ length: steps }, (_, i) => decoration({ backgroundColor: new vscode.ThemeColor(`attention.tint${i + 1}`), borderRadius: '2px' }));
  private readonly pointed = decoration({ border: '1px solid', borderColor: new vscode.ThemeColor('attention.pointed'), borderRadius: '2px' });
  private readonly answer = vscode.window.createTextEditorDecorationType({ borderWidth: '0 0 2px 0', borderStyle: 'solid', borderColor: new vscode.ThemeColor('attention.answer'), overviewRulerColor: new vscode.ThemeColor('attention.answer'), rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed });
  private pointedAt: number[] = [];
  private settling?: NodeJS.Timeout;

  constructor(private readonly context: AttentionContext) {}

  point(tokens: number[]): void {
    this.pointedAt = tokens;
    this.draw();
  }

  /** The cursor moved: the panel marks the token it is on. */
  follow(editor: vscode.TextEditor): void {
    const { importances } = this.context;
    if (!importances.of(editor.document)) return;
    const tokens = importances.ranges().flatMap((range, token) => (range && editor.selections.some((selection) => range.intersection(selection)) ? [token] : []));
    currentPanel()?.highlight(tokens);
  }

  /** Text before the analysed text moves it; where to, the server knows. */
  edited(document: vscode.TextDocument): void {
    if (document.uri.toString() !== this.context.shown.analysis?.uri) return;
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.context.importances.refresh(), settleMilliseconds);
  }

  draw(): void {
    const { importances } = this.context;
    const ranges = importances.ranges();
    for (const editor of vscode.window.visibleTextEditors) {
      const own = importances.of(editor.document) !== undefined;
      const tinted = own && config.tintsEnabled();
      this.tints.forEach((type, i) => editor.setDecorations(type, tinted ? ranges.filter((range, token): range is vscode.Range => range !== undefined && importances.value?.tints[token] === i + 1) : []));
      editor.setDecorations(this.answer, own ? answerIn(importances.of(editor.document)!, ranges) : []);
      editor.setDecorations(this.pointed, own ? this.pointedAt.flatMap((token) => ranges[token] ?? []) : []);
    }
  }

  dispose(): void {
    clearTimeout(this.settling);
    for (const type of [...this.tints, this.pointed, this.answer]) type.dispose();
  }
}

/** What the tints mean, and the way to switch them off: in the status bar, for as long as there are any. */
class Legend implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('attention.tints', vscode.StatusBarAlignment.Right, 89);

  constructor(private readonly context: AttentionContext) {
    this.item.name = 'Attention Tints';
    this.item.command = 'attention.toggleTints';
  }

  draw(): void {
    const { value } = this.context.importances;
    if (!value) {
      this.item.hide();
      return;
    }
    const on = config.tintsEnabled();
    this.item.text = on ? '$(symbol-color) tints' : '$(circle-slash) tints';
    this.item.accessibilityInformation = { label: `Tints by ${value.title} are ${on ? 'on' : 'off'}` };
    const swatches = value.tintsFrom.slice(0, -1).map((from, i) => `${'█'.repeat(i + 1)} ${from.toFixed(3)}–${value.tintsFrom[i + 1].toFixed(3)}`);
    this.item.tooltip = new vscode.MarkdownString(`**Tints by ${value.title}**\n\nThe stronger the tint, the more the text draws on the token:\n\n${swatches.map((line) => `- ${line}`).join('\n')}\n\nClick to switch them ${on ? 'off' : 'on'}.`);
    this.item.show();
  }

  dispose(): void {
    this.item.dispose();
  }
}

/** Where the passage gives the answer, when the model answers questions. */
function answerIn({ predictions }: AnalysisSummary, ranges: (vscode.Range | undefined)[]): vscode.DecorationOptions[] {
  const best = predictions[0]?.candidates[0];
  const span = /^span=(\d+)-(\d+)$/.exec(best?.target ?? '');
  const [first, last] = span ? [ranges[Number(span[1])], ranges[Number(span[2])]] : [];
  return first && last ? [{ range: first.union(last), hoverMessage: `Answer, probability ${best!.probability.toFixed(3)}` }] : [];
}

function decoration(options: vscode.DecorationRenderOptions): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({ ...options, rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed });
}
