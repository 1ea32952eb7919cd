import * as vscode from 'vscode';
import type { RunInfo } from '../protocol/messages';
import type { AttentionContext } from './context';
import { exportRun, forget, openReport, resume } from './sweep';
import { guarded } from './works';

/** The Runs view: studies over data sets, how far they are, and what can be done with them. */

export function activate(context: AttentionContext): void {
  const tree = new Runs(context);
  context.extension.subscriptions.push(
    vscode.window.registerTreeDataProvider('attention.runs', tree),
    tree,
    context.runsChanged.event(() => tree.refresh()),
    vscode.commands.registerCommand('attention.refreshRuns', () => tree.refresh()),
    vscode.commands.registerCommand('attention.openRun', (run: RunInfo) => guarded(context, () => openReport(run.run, run.title))),
    vscode.commands.registerCommand('attention.resumeRun', (run: RunInfo) => guarded(context, () => resume(context, run))),
    vscode.commands.registerCommand('attention.exportRun', (run: RunInfo) => guarded(context, () => exportRun(context, run.run))),
    vscode.commands.registerCommand('attention.revealRun', (run: RunInfo) => vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(run.run))),
    vscode.commands.registerCommand('attention.deleteRun', (run: RunInfo) => guarded(context, () => remove(context, run))),
  );
}

class Runs implements vscode.TreeDataProvider<RunInfo>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly context: AttentionContext) {}

  refresh(): void {
    this.changed.fire();
  }

  dispose(): void {
    this.changed.dispose();
  }

  async getChildren(run?: RunInfo): Promise<RunInfo[]> {
    return run ? [] : this.context.server.request<RunInfo[]>('attention/runs', {});
  }

  getTreeItem(run: RunInfo): vscode.TreeItem {
    // In a narrow view what follows the title is not seen.
    const label = run.complete ? run.title : `${run.share.toLocaleString(undefined, { style: 'percent' })} · ${run.title}`;
    const item = new vscode.TreeItem(label);
    const state = run.problem ? 'problem' : run.complete ? 'complete' : run.working ? 'working' : 'unfinished';
    item.id = run.run;
    item.description = run.progress;
    item.contextValue = `run ${state}`;
    item.iconPath = new vscode.ThemeIcon({ problem: 'warning', complete: 'pass', working: 'sync~spin', unfinished: 'debug-pause' }[state]);
    item.tooltip = new vscode.MarkdownString(`**${run.title}**\n\n${run.problem ?? run.progress}\n\n${run.study}, started ${run.created}\n\n\`${run.run}\``);
    item.accessibilityInformation = { label: `${run.title}, ${run.problem ?? run.progress}${state === 'working' ? ', at work' : ''}` };
    item.command = { command: 'attention.openRun', title: 'Open', arguments: [run] };
    return item;
  }
}

async function remove(context: AttentionContext, run: RunInfo): Promise<void> {
  const button = 'Delete';
  const chosen = await vscode.window.showWarningMessage(`Delete the run ${run.title}?`, { modal: true, detail: `${run.progress}. Its folder and every finished cell go: ${run.run}` }, button);
  if (chosen !== button) return;
  try {
    await context.server.request('attention/deleteRun', { run: run.run });
    forget(run.run);
  } finally {
    context.runsChanged.fire();
  }
}
