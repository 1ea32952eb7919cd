import * as vscode from 'vscode';
import type { DownloadModelParams, ModelItem } from '../protocol/messages';
import type { AttentionContext } from './context';

/** Download Model…: from the Hugging Face Hub into the cache that other tools share. */

const name = /^[A-Za-z0-9_][A-Za-z0-9._-]*\/[A-Za-z0-9_][A-Za-z0-9._-]*(@[A-Za-z0-9._/-]+)?$/;
let last = 0;

export function activate(context: AttentionContext): void {
  context.extension.subscriptions.push(vscode.commands.registerCommand('attention.downloadModel', (model?: string) => download(context, model)));
}

async function download(context: AttentionContext, given?: string): Promise<void> {
  if (!vscode.workspace.isTrusted) {
    void vscode.window.showWarningMessage('This workspace is not trusted, so nothing is downloaded. Trust the workspace first.');
    return;
  }
  const model = await vscode.window.showInputBox({
    title: 'Download Model',
    value: typeof given === 'string' ? given : '',
    prompt: 'A BERT, RoBERTa, DistilBERT, ELECTRA, ALBERT or GPT-2 model of the Hugging Face Hub',
    placeHolder: 'owner/name or owner/name@revision, such as distilbert/distilbert-base-uncased',
    ignoreFocusOut: true,
    validateInput: (text) => (text === '' || name.test(text.trim()) ? undefined : 'Write owner/name or owner/name@revision.'),
  });
  if (!model?.trim()) return;
  await fetchModel(context, model.trim());
}

async function fetchModel(context: AttentionContext, model: string): Promise<void> {
  const workDoneToken = `download-${++last}-${Date.now()}`;
  const options = { location: vscode.ProgressLocation.Notification, title: `Downloading ${model}`, cancellable: true };
  try {
    const fetched = await vscode.window.withProgress(options, async (progress, token) => {
      let before = 0;
      const listening = await context.server.progress(workDoneToken, (message, percentage) => {
        progress.report({ message, increment: percentage === undefined ? undefined : percentage - before });
        before = percentage ?? before;
      });
      try {
        const params: DownloadModelParams = { model, workDoneToken };
        return await context.server.request<ModelItem>('attention/downloadModel', params, token);
      } catch (error) {
        if (token.isCancellationRequested) return undefined;
        throw error;
      } finally {
        listening.dispose();
      }
    });
    context.modelsChanged.fire();
    if (!fetched) {
      void vscode.window.showInformationMessage(`The download of ${model} was stopped. What was fetched is kept, and the next download goes on from there.`);
      return;
    }
    const use = 'Use This Model';
    if ((await vscode.window.showInformationMessage(`${model} is ready: ${fetched.detail}.`, use)) === use) await vscode.commands.executeCommand('attention.selectModel', model);
  } catch (error) {
    const { message } = error as Error;
    context.log.error(message);
    const again = 'Try Again';
    if ((await vscode.window.showErrorMessage(message, again)) === again) await fetchModel(context, model);
  }
}
