import * as vscode from 'vscode';
import type { ModelItem, ServerStatus } from '../protocol/messages';
import type { Outcome } from './analyze';
import * as config from './config';
import type { AttentionContext } from './context';

/** The model: shown in the status bar, chosen from a list. */

const recentKey = 'recentModelFolders';
const mostRecent = 5;
/** Where models come from, in the order of lists. */
export const sources: [string, string][] = [
  ['bundled', 'Bundled'],
  ['trained', 'Trained Here'],
  ['cached', 'Hugging Face Cache'],
];

export type ModelChoice = vscode.QuickPickItem & { model?: ModelItem };

/** Models as lists offer them, by where they come from. */
export function modelChoices(list: ModelItem[]): ModelChoice[] {
  return sources.flatMap(([source, title]): ModelChoice[] => {
    const models = list.filter((model) => model.source === source);
    const items = models.map((model) => ({ label: model.name, description: model.architecture, detail: model.problem ? `$(warning) ${model.problem}` : model.detail, model }));
    return items.length > 0 ? [{ label: title, kind: vscode.QuickPickItemKind.Separator }, ...items] : [];
  });
}

export function activate(context: AttentionContext): void {
  const item = vscode.window.createStatusBarItem('attention.status', vscode.StatusBarAlignment.Right, 90);
  item.name = 'Attention';
  item.command = 'attention.selectModel';
  context.extension.subscriptions.push(
    item,
    context.shown.onChange(() => void show(context, item)),
    vscode.commands.registerCommand('attention.selectModel', (model?: string) => (typeof model === 'string' ? use(model) : select(context))),
  );
}

async function show(context: AttentionContext, item: vscode.StatusBarItem): Promise<void> {
  const { analysis } = context.shown;
  if (!analysis) {
    item.hide();
    return;
  }
  item.text = `$(symbol-misc) ${analysis.model.name} · ${analysis.device}`;
  item.accessibilityInformation = { label: `Attention model ${analysis.model.name} on ${analysis.device}` };
  item.show();
  let status: ServerStatus;
  try {
    status = await context.server.request<ServerStatus>('attention/status', {});
  } catch (error) {
    context.log.warn(`status bar: ${(error as Error).message}`);
    return;
  }
  item.tooltip = new vscode.MarkdownString(`**${analysis.model.name}** — ${analysis.model.architecture}, ${analysis.model.layers} layers × ${analysis.model.heads} heads\n\n${status.engine} on ${status.device}: ${status.reason}\n\n${devices(status)}\n\nClick to select another model.`, true);
}

/** Every kind of device, each with what keeps it from being used. */
function devices(status: ServerStatus): string {
  return status.devices.map((device) => `- ${device.found ? '$(check)' : '$(circle-slash)'} ${device.title}: ${device.reason}`).join('\n');
}

async function select(context: AttentionContext): Promise<void> {
  type Choice = ModelChoice & { folder?: boolean; download?: boolean };
  const models = context.server.request<ModelItem[]>('attention/models', {});
  const choices = models.then((list): Choice[] => [
    ...modelChoices(list),
    ...recent(context).flatMap((folder, i): Choice[] => [...(i === 0 ? [{ label: 'Recent Folders', kind: vscode.QuickPickItemKind.Separator }] : []), { label: folder, folder: true }]),
    { label: 'More', kind: vscode.QuickPickItemKind.Separator },
    { label: '$(cloud-download) Download a model…', detail: 'From the Hugging Face Hub, by owner/name', download: true },
    { label: '$(folder) Choose a folder…', detail: 'A model in Hugging Face layout: config.json, model.safetensors, tokenizer files', folder: true },
  ]);
  const chosen = await vscode.window.showQuickPick(choices, { title: 'Select Model', placeHolder: 'The model that reads your text', matchOnDetail: true });
  if (chosen?.model?.problem) {
    void vscode.window.showErrorMessage(`${chosen.model.name} cannot be used: ${chosen.model.problem}`);
    return;
  }
  if (chosen?.download) {
    await vscode.commands.executeCommand('attention.downloadModel');
    return;
  }
  const name = chosen?.folder ? await folderOf(context, chosen.label) : chosen?.model?.name;
  if (name) await use(name);
}

async function use(name: string): Promise<void> {
  const before = config.model();
  await config.setModel(name);
  // One that cannot read the text must not stand in the way of the next analysis.
  if ((await vscode.commands.executeCommand<Outcome | undefined>('attention.analyzeAgain')) === 'failed') await config.setModel(before);
}

/** The folders chosen last, latest first. */
function recent(context: AttentionContext): string[] {
  return context.extension.globalState.get<string[]>(recentKey, []);
}

/** A folder of the list, or one chosen now. */
async function folderOf(context: AttentionContext, label: string): Promise<string | undefined> {
  const known = recent(context).includes(label);
  const folder = known ? label : (await vscode.window.showOpenDialog({ canSelectFiles: false, canSelectFolders: true, openLabel: 'Use This Model' }))?.[0].fsPath;
  if (folder) await context.extension.globalState.update(recentKey, [folder, ...recent(context).filter((other) => other !== folder)].slice(0, mostRecent));
  return folder;
}
