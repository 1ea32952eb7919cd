import * as vscode from 'vscode';
import type { ModelItem, ServerStatus } from '../protocol/messages';
import type { Outcome } from './analyze';
import * as config from './config';
import type { AttentionContext } from './context';

/** The model: shown in the status bar, chosen from a list. */

export function activate(context: AttentionContext): void {
  const item = vscode.window.createStatusBarItem('attention.status', vscode.StatusBarAlignment.Right, 90);
  item.name = 'Attention';
  item.command = 'attention.selectModel';
  context.extension.subscriptions.push(
    item,
    context.shown.onChange(() => void show(context, item)),
    vscode.commands.registerCommand('attention.selectModel', () => select(context)),
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
  type Choice = vscode.QuickPickItem & { model?: ModelItem; folder?: boolean };
  const models = context.server.request<ModelItem[]>('attention/models', {});
  const choices = models.then((list): Choice[] => [
    ...list.map((model) => ({ label: model.name, description: model.source, detail: model.problem ? `$(warning) ${model.problem}` : model.detail, model })),
    { label: '$(folder) Choose a folder…', detail: 'A model in Hugging Face layout: config.json, model.safetensors, tokenizer files', folder: true },
  ]);
  const chosen = await vscode.window.showQuickPick(choices, { title: 'Select Model', placeHolder: 'The model that reads your text', matchOnDetail: true });
  if (chosen?.model?.problem) {
    void vscode.window.showErrorMessage(`${chosen.model.name} cannot be used: ${chosen.model.problem}`);
    return;
  }
  const name = chosen?.folder ? await pickFolder() : chosen?.model?.name;
  if (!name) return;
  const before = config.model();
  await config.setModel(name);
  // One that cannot read the text must not stand in the way of the next analysis.
  if ((await vscode.commands.executeCommand<Outcome | undefined>('attention.analyzeAgain')) === 'failed') await config.setModel(before);
}

async function pickFolder(): Promise<string | undefined> {
  const picked = await vscode.window.showOpenDialog({ canSelectFiles: false, canSelectFolders: true, openLabel: 'Use This Model' });
  return picked?.[0].fsPath;
}
