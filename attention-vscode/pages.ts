import * as vscode from 'vscode';

/** Where webviews open: beside the texts, as tabs of those that are open already. */

const open = new Set<vscode.WebviewPanel>();

/** The column for the next one. */
export function pageColumn(): vscode.ViewColumn {
  return [...open].flatMap(({ viewColumn }) => viewColumn ?? []).at(-1) ?? vscode.ViewColumn.Beside;
}

/** Others open beside this one from now on. */
export function keepPage(panel: vscode.WebviewPanel): void {
  open.add(panel);
  panel.onDidDispose(() => open.delete(panel));
}
