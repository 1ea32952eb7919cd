import * as vscode from 'vscode';
import type { AttentionContext } from './context';
import { currentPanel } from './panel';

/** Export of the analysis on screen. */

const formats = [
  { label: 'HTML', description: 'one page with the same views, opens in any browser', format: 'html' },
  { label: 'CSV', description: 'the numbers of the map on screen', format: 'csv' },
  { label: 'JSON', description: 'tokens, importances and predictions', format: 'json' },
  { label: 'safetensors', description: 'every tensor, for Python', format: 'safetensors' },
];

export function activate(context: AttentionContext): void {
  context.extension.subscriptions.push(vscode.commands.registerCommand('attention.export', () => run(context)));
}

async function run(context: AttentionContext): Promise<void> {
  const { analysis } = context.shown;
  if (!analysis) {
    void vscode.window.showInformationMessage('There is nothing to export yet: run Attention: Analyze Attention first.');
    return;
  }
  const chosen = await vscode.window.showQuickPick(formats, { title: 'Export Analysis' });
  if (!chosen) return;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const name = `attention.${chosen.format}`;
  const target = await vscode.window.showSaveDialog({ defaultUri: folder ? vscode.Uri.joinPath(folder, name) : vscode.Uri.file(name), filters: { [chosen.label]: [chosen.format] } });
  if (!target) return;
  try {
    await context.server.request('attention/export', { analysis: analysis.id, format: chosen.format, path: target.fsPath, view: currentPanel()?.shownView });
  } catch (error) {
    void vscode.window.showErrorMessage((error as Error).message);
    return;
  }
  const open = await vscode.window.showInformationMessage(`Exported to ${target.fsPath}`, 'Open');
  if (open && chosen.format === 'html') await vscode.env.openExternal(target);
  else if (open) await vscode.commands.executeCommand('vscode.open', target);
}
