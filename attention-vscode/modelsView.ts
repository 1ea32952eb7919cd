import * as vscode from 'vscode';
import type { DeletedModel, ModelItem } from '../protocol/messages';
import * as config from './config';
import type { AttentionContext } from './context';
import { sources } from './models';
import { closeTraining } from './train';

/** The Models view: what comes with the extension, what was trained here, and what lies in the Hugging Face cache. */

export type Node = { title: string; models: ModelItem[] } | { model: ModelItem };

export function activate(context: AttentionContext): void {
  const tree = new Models(context);
  const view = vscode.window.createTreeView<Node>('attention.models', { treeDataProvider: tree, showCollapseAll: false });
  const explain = () => {
    view.message = vscode.workspace.isTrusted ? undefined : 'This workspace is not trusted: only bundled models are used, and nothing is downloaded.';
  };
  explain();
  context.extension.subscriptions.push(
    view,
    tree,
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      explain();
      tree.refresh();
    }),
    config.onChange((affects) => affects('model') && tree.refresh()),
    context.modelsChanged.event(() => tree.refresh()),
    vscode.commands.registerCommand('attention.refreshModels', () => tree.refresh()),
    vscode.commands.registerCommand('attention.revealModel', (node: Node) => 'model' in node && vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(node.model.folder))),
    vscode.commands.registerCommand('attention.useModel', (node: Node) => 'model' in node && vscode.commands.executeCommand('attention.selectModel', node.model.name)),
    vscode.commands.registerCommand('attention.deleteModel', (node: Node) => ('model' in node ? remove(context, node.model) : undefined)),
  );
}

class Models implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly context: AttentionContext) {}

  refresh(): void {
    this.changed.fire();
  }

  dispose(): void {
    this.changed.dispose();
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (node) return 'models' in node ? node.models.map((model) => ({ model })) : [];
    const models = await this.context.server.request<ModelItem[]>('attention/models', {});
    const shown = vscode.workspace.isTrusted ? models : models.filter((model) => model.source === 'bundled');
    return sources.map(([source, title]) => ({ title, models: shown.filter((model) => model.source === source) })).filter((group) => group.models.length > 0);
  }

  getTreeItem(node: Node): vscode.TreeItem {
    if ('title' in node) {
      const group = new vscode.TreeItem(node.title, vscode.TreeItemCollapsibleState.Expanded);
      group.id = `group ${node.title}`;
      return group;
    }
    const { model } = node;
    const item = new vscode.TreeItem(model.name);
    const used = (config.model() || 'attention-mini') === model.name;
    item.id = `${model.source} ${model.name}`;
    item.description = [model.unfinished ? 'not finished' : model.architecture, model.head, model.size].filter((part) => part).join(' · ');
    item.contextValue = [model.unfinished ? 'training' : 'model', model.source, ...(model.canDelete ? ['deletable'] : [])].join(' ');
    item.iconPath = new vscode.ThemeIcon(model.unfinished ? 'debug-pause' : model.problem ? 'warning' : used ? 'check' : 'symbol-misc');
    item.tooltip = new vscode.MarkdownString(`**${model.name}**\n\n${model.problem ?? model.detail}\n\n\`${model.folder}\``);
    item.accessibilityInformation = { label: `${model.name}, ${model.problem ? `cannot be used: ${model.problem}` : model.detail}${used ? ', in use' : ''}` };
    return item;
  }
}

async function remove(context: AttentionContext, model: ModelItem): Promise<void> {
  const [button, trained] = ['Delete', model.source === 'trained'];
  const chosen = await vscode.window.showWarningMessage(
    `Delete ${model.name}${trained ? '' : ' from the Hugging Face cache'}?`,
    { modal: true, detail: trained ? `${model.size} on disk, with the course of its training. There is no other copy: ${model.folder}` : `${model.size} on disk. Other tools that use this cache will have to download it again.` },
    button,
  );
  if (chosen !== button) return;
  try {
    const deleted = await context.server.request<DeletedModel>('attention/deleteModel', { model: model.name });
    closeTraining(model.name);
    void vscode.window.showInformationMessage(`${model.name} was deleted: ${deleted.freed} freed.`);
  } catch (error) {
    void vscode.window.showErrorMessage((error as Error).message);
  }
  context.modelsChanged.fire();
}
