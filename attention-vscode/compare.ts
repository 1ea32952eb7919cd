import * as vscode from 'vscode';
import type { AnalysisSummary, CompareParams, ModelItem } from '../protocol/messages';
import type { AttentionContext } from './context';
import { showPinned } from './panel';

/** Compare Models, Compare with Selection: the text on screen in another model, or another text in this one, in a panel of its own. */

let lastToken = 0;

export function activate(context: AttentionContext): void {
  context.extension.subscriptions.push(
    vscode.commands.registerCommand('attention.compareModels', () => withAnalysis(context, (analysis) => compareModels(context, analysis))),
    vscode.commands.registerCommand('attention.compareSelection', () => withAnalysis(context, (analysis) => compareSelection(context, analysis))),
  );
}

async function withAnalysis(context: AttentionContext, work: (analysis: AnalysisSummary) => Promise<void>): Promise<void> {
  const { analysis } = context.shown;
  if (!analysis) {
    void vscode.window.showInformationMessage('There is nothing to compare yet: run Attention: Analyze Attention first.');
    return;
  }
  try {
    await work(analysis);
  } catch (error) {
    void vscode.window.showErrorMessage((error as Error).message);
  }
}

async function compareModels(context: AttentionContext, analysis: AnalysisSummary): Promise<void> {
  const models = await context.server.request<ModelItem[]>('attention/models', {});
  const others = models.filter((model) => !model.problem && model.name !== analysis.model.name);
  const chosen = await vscode.window.showQuickPick(
    others.map((model) => ({ label: model.name, description: model.architecture, detail: model.detail })),
    { title: `Compare ${analysis.model.name} with`, placeHolder: 'The other model that reads the text' },
  );
  if (chosen) await compare(context, analysis, { model: chosen.label });
}

async function compareSelection(context: AttentionContext, analysis: AnalysisSummary): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const text = editor && (editor.selection.isEmpty ? editor.document.lineAt(editor.selection.active.line).text : editor.document.getText(editor.selection));
  if (!text?.trim()) {
    void vscode.window.showInformationMessage('Select the other text, or put the cursor on its line, and run Attention: Compare with Selection again.');
    return;
  }
  await compare(context, analysis, { text });
}

async function compare(context: AttentionContext, analysis: AnalysisSummary, other: Pick<CompareParams, 'model' | 'text'>): Promise<void> {
  const workDoneToken = `compare-${++lastToken}`;
  const params: CompareParams = { analysis: analysis.id, ...other, methods: ['globenc', 'alti_rollout'], workDoneToken };
  const comparison = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: 'Comparing', cancellable: true }, (_, token) =>
    context.server.request<AnalysisSummary>('attention/compare', params, token),
  );
  showPinned(context, comparison, { choice: { map: comparison.maps[0].id, layer: comparison.maps[0].layers - 1 } });
}
