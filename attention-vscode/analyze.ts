import * as vscode from 'vscode';
import type { AnalysisSummary, AnalyzeParams, TextSource } from '../protocol/messages';
import * as config from './config';
import type { AttentionContext } from './context';
import { showPanel } from './panel';

/** Analyze Attention: the selection, or the paragraph under the cursor. */

/** How an analysis ended. */
export type Outcome = 'shown' | 'failed' | 'cancelled';

const quickMilliseconds = 600;
let lastToken = 0;
let running: vscode.CancellationTokenSource | undefined;

export function activate(context: AttentionContext): void {
  context.extension.subscriptions.push(
    vscode.commands.registerCommand('attention.analyze', () => analyzeEditor(context)),
    vscode.commands.registerCommand('attention.analyzePair', () => analyzePair(context)),
    vscode.commands.registerCommand('attention.analyzeAgain', () => analyzeAgain(context)),
    vscode.commands.registerCommand('attention.clear', () => context.shown.set(undefined)),
    vscode.commands.registerCommand('attention.explain', () => explain(context)),
    vscode.workspace.onDidSaveTextDocument((document) => {
      const { analysis, stale } = context.shown;
      if (stale && config.analyzesOnSave() && document.uri.toString() === analysis?.uri) void analyzeAgain(context);
    }),
    context.server.onRestart(() => {
      // The new server knows nothing of what is on screen; the cache makes telling it cheap.
      if (context.shown.analysis && !context.shown.stale && !running) void analyzeAgain(context);
    }),
  );
}

async function analyzeEditor(context: AttentionContext): Promise<Outcome | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    void vscode.window.showInformationMessage('Open a text and select what to analyze, then run Attention: Analyze Attention again.');
    return undefined;
  }
  const { document, selection, selections } = editor;
  // Two selections are a pair, the upper one the question.
  if (selections.length === 2 && selections.every((part) => !part.isEmpty)) return analyze(context, pairOf(context, editor));
  if (selections.length > 1) return analyzeSeveral(context, editor);
  return analyze(context, { text: sourceOf(context, document, selection) });
}

/** Several selections, or cursors, are several texts: the first is shown, the others wait beside it. */
async function analyzeSeveral(context: AttentionContext, { document, selections }: vscode.TextEditor): Promise<Outcome> {
  // Where something is selected, cursors beside it stand there by the way.
  const parts = selections.some((part) => !part.isEmpty) ? selections.filter((part) => !part.isEmpty) : [...selections];
  const sources = parts.sort((a, b) => a.start.compareTo(b.start)).map((part) => sourceOf(context, document, part));
  const outcome = await analyze(context, { text: sources[0] });
  if (outcome !== 'shown') return outcome;
  const first = context.shown.analysis!;
  for (const text of sources.slice(1)) {
    try {
      const analysis = await context.server.request<AnalysisSummary>('attention/analyze', { text });
      // Something else was analyzed meanwhile: it is looked at now.
      if (!context.shown.texts.includes(first)) return 'shown';
      context.shown.add(analysis);
    } catch (error) {
      void vscode.window.showErrorMessage((error as Error).message);
    }
  }
  return 'shown';
}

/** Explain This Prediction: which tokens the prediction comes from, by a method that answers at once. */
async function explain(context: AttentionContext): Promise<void> {
  const { analysis, stale } = context.shown;
  const outcome = analysis && !stale ? 'shown' : await analyzeEditor(context);
  if (outcome === 'shown') showPanel(context).explain();
}

/** Analyze as Question and Passage: two selections, or one (or a paragraph) as the passage of a question that is asked for. */
async function analyzePair(context: AttentionContext): Promise<Outcome | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    void vscode.window.showInformationMessage('Open a text and select its passage, then run Attention: Analyze as Question and Passage again.');
    return undefined;
  }
  if (editor.selections.length === 2 && editor.selections.every((part) => !part.isEmpty)) return analyze(context, pairOf(context, editor));
  const question = await askQuestion();
  return question === undefined ? undefined : analyze(context, { text: { text: question }, pair: sourceOf(context, editor.document, editor.selection) });
}

/** A question about what is selected. */
export function askQuestion(): Thenable<string | undefined> {
  return vscode.window.showInputBox({ title: 'Question', prompt: 'About the selected passage, or the paragraph under the cursor', validateInput: (text) => (text.trim() ? undefined : 'Type a question') });
}

export function pairOf(context: AttentionContext, { document, selections }: vscode.TextEditor): { text: TextSource; pair: TextSource } {
  const [text, pair] = [...selections].sort((a, b) => a.start.compareTo(b.start)).map((part) => sourceOf(context, document, part));
  return { text, pair };
}

/** The text of the analysis on screen once more, where it stands now. */
async function analyzeAgain(context: AttentionContext): Promise<Outcome | undefined> {
  const { analysis, stale } = context.shown;
  if (!analysis) return analyzeEditor(context);
  const editor = vscode.window.visibleTextEditors.find((e) => e.document.uri.toString() === analysis.uri);
  // An edited text is what now stands around the cursor; of an edited pair, each where it stood.
  if (stale && editor && analysis.pair === undefined && !placeOf(analysis, 'text', editor.document)) return analyze(context, { text: sourceOf(context, editor.document, editor.selection) });
  return analyze(context, await sourcesOf(analysis));
}

/** A text that was analyzed, now or in an earlier session. */
type Analyzed = Pick<AnalysisSummary, 'text' | 'pair' | 'uri'> & { tokens?: AnalysisSummary['tokens'] };

/** The texts of an analysis: in their document where they still stand there, else as they were. */
export async function sourcesOf(analysis: Analyzed): Promise<{ text: TextSource; pair?: TextSource }> {
  const document = await documentOf(analysis);
  const source = (member: Member, text: string) => (document && placeOf(analysis, member, document)) ?? { text };
  return { text: source('text', analysis.text), pair: analysis.pair === undefined ? undefined : source('pair', analysis.pair) };
}

/** After a reload of the window the panel may be there before the document is. */
async function documentOf(analysis: Analyzed): Promise<vscode.TextDocument | undefined> {
  const open = vscode.workspace.textDocuments.find((d) => d.uri.toString() === analysis.uri);
  if (open || !analysis.uri || analysis.uri.startsWith('untitled:')) return open;
  try {
    return await vscode.workspace.openTextDocument(vscode.Uri.parse(analysis.uri));
  } catch {
    // Deleted or out of reach: the analysis has its own copy of the text.
    return undefined;
  }
}

/** Runs one analysis and shows it; whatever was shown before stays when it fails. A later one takes its place. */
export async function analyze(context: AttentionContext, params: AnalyzeParams): Promise<Outcome> {
  running?.cancel();
  context.server.forgive();
  const cancellation = new vscode.CancellationTokenSource();
  running = cancellation;
  const latest = () => running === cancellation;
  const panel = showPanel(context);
  panel.busy('Analyzing…');
  const closing = panel.onClose(() => cancellation.cancel());
  const workDoneToken = `analyze-${++lastToken}`;
  try {
    const listening = await context.server.progress(workDoneToken, (message) => latest() && panel.busy(`Analyzing ${message}…`));
    const asked = context.server.request<AnalysisSummary>('attention/analyze', { ...params, workDoneToken }, cancellation.token);
    offerCancel(asked, cancellation);
    const analysis = await asked.finally(() => listening.dispose());
    if (cancellation.token.isCancellationRequested) throw new vscode.CancellationError();
    context.log.info(`analyzed ${analysis.tokens.length} tokens with ${analysis.model.name} on ${analysis.device}`);
    context.shown.set(analysis);
    return 'shown';
  } catch (error) {
    if (!latest()) return 'cancelled';
    if (cancellation.token.isCancellationRequested) {
      panel.busy(undefined);
      return 'cancelled';
    }
    const { message } = error as Error;
    context.log.error(message);
    panel.fail(message);
    void vscode.window.showErrorMessage(message, 'Show Log').then((chosen) => chosen && context.log.show());
    return 'failed';
  } finally {
    if (latest()) running = undefined;
    closing.dispose();
    cancellation.dispose();
  }
}

/** A cancel button, only for work that takes long enough to want one. */
function offerCancel(work: Promise<unknown>, cancellation: vscode.CancellationTokenSource): void {
  const done = work.then(
    () => {},
    () => {},
  );
  const waiting = setTimeout(() => {
    void vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: 'Analyzing attention', cancellable: true }, (_, token) => {
      token.onCancellationRequested(() => cancellation.cancel());
      return done;
    });
  }, quickMilliseconds);
  void done.then(() => clearTimeout(waiting));
}

export function sourceOf(context: AttentionContext, document: vscode.TextDocument, selection: vscode.Selection): TextSource {
  if (!context.server.follows(document)) return { text: document.getText(selection.isEmpty ? document.lineAt(selection.active.line).range : selection) };
  const where = { uri: document.uri.toString(), version: document.version };
  return selection.isEmpty ? { ...where, cursor: selection.active } : { ...where, range: { start: selection.start, end: selection.end } };
}

type Member = 'text' | 'pair';

/** Where a member of an analysed text stands in a document; what was edited there, as what now stands in its place. */
function placeOf(analysis: Analyzed, member: Member, document: vscode.TextDocument): TextSource | undefined {
  const wanted = member === 'pair' ? analysis.pair! : analysis.text;
  const first = analysis.tokens?.find((token) => token.range && (token.segment === 'passage') === (member === 'pair'));
  // What was typed stands nowhere, even if its words do.
  if (analysis.tokens && !first) return undefined;
  const where = { uri: document.uri.toString(), version: document.version };
  const before = first ? document.offsetAt(new vscode.Position(first.range!.start.line, first.range!.start.character)) - first.start : 0;
  const text = document.getText();
  // The same words may stand in the document twice.
  const at = text.startsWith(wanted, before) ? before : text.indexOf(wanted);
  if (at >= 0) return { ...where, range: { start: document.positionAt(at), end: document.positionAt(at + wanted.length) } };
  return analysis.pair !== undefined && first ? { ...where, cursor: document.validatePosition(new vscode.Position(first.range!.start.line, first.range!.start.character)) } : undefined;
}
