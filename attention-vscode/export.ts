import * as vscode from 'vscode';
import type { AttentionContext } from './context';
import { activePanel, type Panel } from './panel';

/** Export of the analysis on screen. */

export type Opener = 'browser' | 'editor' | 'other';

export interface Format extends vscode.QuickPickItem {
  format: string;
  opens: Opener;
}

const formats: Format[] = [
  { label: 'HTML', description: 'one page with the same views, opens in any browser', format: 'html', opens: 'browser' },
  { label: 'PNG', description: 'the picture as it is on screen', format: 'png', opens: 'editor' },
  { label: 'SVG', description: 'the picture as lines and letters, for print', format: 'svg', opens: 'editor' },
  { label: 'CSV', description: 'the numbers of the map on screen', format: 'csv', opens: 'editor' },
  { label: 'JSON', description: 'tokens, importances and predictions', format: 'json', opens: 'editor' },
  { label: 'safetensors', description: 'every tensor, for Python', format: 'safetensors', opens: 'other' },
];

export function activate(context: AttentionContext): void {
  context.extension.subscriptions.push(vscode.commands.registerCommand('attention.export', () => run(context)));
}

async function run(context: AttentionContext): Promise<void> {
  const panel = activePanel();
  const analysis = panel?.analysis ?? context.shown.analysis;
  if (!analysis) {
    void vscode.window.showInformationMessage('There is nothing to export yet: run Attention: Analyze Attention first.');
    return;
  }
  const chosen = await vscode.window.showQuickPick(formats, { title: 'Export Analysis' });
  if (!chosen) return;
  const target = await targetOf('attention', chosen);
  if (!target) return;
  try {
    if (isPicture(chosen.format)) await vscode.workspace.fs.writeFile(target, await pictureOf(panel, chosen.format));
    else await context.server.request('attention/export', { analysis: analysis.id, format: chosen.format, path: target.fsPath, view: panel?.shownView });
  } catch (error) {
    void vscode.window.showErrorMessage((error as Error).message);
    return;
  }
  await offerOpen(target, chosen.opens);
}

/** Where a file of that format is to be written: a place that the server reaches; undefined where none was chosen. */
export async function targetOf(title: string, { label, format }: Format): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri;
  const name = `${title}.${format}`;
  const target = await vscode.window.showSaveDialog({ defaultUri: folder ? vscode.Uri.joinPath(folder, name) : vscode.Uri.file(name), filters: { [label]: [format] } });
  if (!target || target.scheme === 'file') return target;
  void vscode.window.showErrorMessage(`${target.toString(true)} is not on the machine that the Attention server runs on: choose a place there.`);
  return undefined;
}

function isPicture(format: string): boolean {
  return format === 'png' || format === 'svg';
}

function pictureOf(panel: Panel | undefined, format: string): Promise<Uint8Array> {
  if (!panel) throw new Error('The panel is closed: analyze again to see a picture.');
  return panel.picture(format);
}

/** Opens the export with what reads it; on a remote machine, where no browser is, it is shown where it can be fetched. */
export async function offerOpen(target: vscode.Uri, opens: Opener): Promise<void> {
  const remote = vscode.env.remoteName !== undefined || vscode.env.uiKind === vscode.UIKind.Web;
  const inEditor = opens === 'editor';
  const inBrowser = opens === 'browser' && !remote;
  const offer = inEditor || inBrowser ? 'Open' : 'Show in Folder';
  if ((await vscode.window.showInformationMessage(`Exported to ${target.fsPath}`, offer)) !== offer) return;
  if (inBrowser) await vscode.env.openExternal(target);
  else if (inEditor) await vscode.commands.executeCommand('vscode.open', target);
  else await vscode.commands.executeCommand(remote ? 'revealInExplorer' : 'revealFileInOS', target);
}
