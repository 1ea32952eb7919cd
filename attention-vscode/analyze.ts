import * as vscode from 'vscode';
import type { AnalysisSummary, AnalyzeParams, TextSource } from '../protocol/messages';
import type { AttentionContext } from './context';
import { showPanel } from './panel';

/** Analyze Attention: the selection, or the paragraph under the cursor. */

const quickMilliseconds = 600;
let lastToken = 0;

export function activate(context: AttentionContext): void {
  context.extension.subscriptions.push(
    vscode.commands.registerCommand('attention.analyze', () => analyzeEditor(context)),
    vscode.commands.registerCommand('attention.analyzeAgain', () => analyzeAgain(context)),
    vscode.commands.registerCommand('attention.clear', () => context.shown.set(undefined)),
    context.server.onRestart(() => {
      // The new server knows nothing of what is on screen; the cache makes telling it cheap.
      if (context.shown.analysis && !context.shown.stale) void analyzeAgain(context);
    }),
  );
}

async function analyzeEditor(context: AttentionContext): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    void vscode.window.showInformationMessage('Open a text and select what to analyze, then run Attention: Analyze Attention again.');
    return;
  }
  await analyze(context, { text: sourceOf(editor) });
}

/** The text of the analysis on screen once more, where it stands now. */
async function analyzeAgain(context: AttentionContext): Promise<void> {
  const { analysis } = context.shown;
  if (!analysis) return analyzeEditor(context);
  const editor = vscode.window.visibleTextEditors.find((e) => e.document.uri.toString() === analysis.uri);
  const place = editor && placeOf(analysis, editor.document);
  if (place) await analyze(context, { text: place });
  else if (editor) await analyze(context, { text: sourceOf(editor) });
  else await analyze(context, { text: { text: analysis.text }, pair: analysis.pair === undefined ? undefined : { text: analysis.pair } });
}

/** Runs one analysis and shows it; whatever was shown before stays when it fails. */
export async function analyze(context: AttentionContext, params: AnalyzeParams): Promise<void> {
  const panel = showPanel(context);
  panel.busy('Analyzing…');
  const cancellation = new vscode.CancellationTokenSource();
  const workDoneToken = `analyze-${++lastToken}`;
  try {
    const listening = await context.server.progress(workDoneToken, (message) => panel.busy(`Analyzing ${message}…`));
    const running = context.server.request<AnalysisSummary>('attention/analyze', { ...params, workDoneToken }, cancellation.token);
    const done = running.then(
      () => {},
      () => {},
    );
    offerCancel(done, cancellation);
    const analysis = await running.finally(() => listening.dispose());
    context.log.info(`analyzed ${analysis.tokens.length} tokens with ${analysis.model.name} on ${analysis.device}`);
    context.shown.set(analysis);
  } catch (error) {
    if (cancellation.token.isCancellationRequested) {
      panel.busy(undefined);
      return;
    }
    const message = (error as Error).message;
    context.log.error(message);
    panel.fail(message);
    void vscode.window.showErrorMessage(message, 'Show Log').then((chosen) => chosen && context.log.show());
  } finally {
    cancellation.dispose();
  }
}

/** A cancel button, only for work that takes long enough to want one. */
function offerCancel(done: Promise<void>, cancellation: vscode.CancellationTokenSource): void {
  const waiting = setTimeout(() => {
    void vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: 'Analyzing attention', cancellable: true }, (_, token) => {
      token.onCancellationRequested(() => cancellation.cancel());
      return done;
    });
  }, quickMilliseconds);
  void done.then(() => clearTimeout(waiting));
}

function sourceOf(editor: vscode.TextEditor): TextSource {
  const { document, selection } = editor;
  const where = { uri: document.uri.toString(), version: document.version };
  return selection.isEmpty ? { ...where, cursor: selection.active } : { ...where, range: { start: selection.start, end: selection.end } };
}

/** Where the analysed text stands in a document, when it still is there unchanged. */
function placeOf(analysis: AnalysisSummary, document: vscode.TextDocument): TextSource | undefined {
  const at = document.getText().indexOf(analysis.text);
  if (at < 0 || analysis.pair !== undefined) return undefined;
  return { uri: document.uri.toString(), version: document.version, range: { start: document.positionAt(at), end: document.positionAt(at + analysis.text.length) } };
}
