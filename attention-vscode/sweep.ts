import * as vscode from 'vscode';
import type { ModelItem, RunInfo, RunParams, SweepParams, SweepPlan, SweepReport } from '../protocol/messages';
import type { AttentionContext } from './context';
import { offerOpen, targetOf, type Format } from './export';
import { questionsOf } from './squad';
import { guarded, Works } from './works';

/** Sweep: Attention Zones…: zones masked one by one over a data set, in several models; and the report of such a run. */

const reader = 'question answering';
const usualModel = 'attention-mini-qa';
const usualQuestions = '100';
const formats: Format[] = [
  { label: 'HTML', description: 'the report as one page, with figures and methods', format: 'html', opens: 'browser' },
  { label: 'CSV', description: 'a row for each cell and measure', format: 'csv', opens: 'editor' },
  { label: 'JSON', description: 'everything the report says', format: 'json', opens: 'editor' },
];
let works: Works;

export function activate(context: AttentionContext): void {
  works = new Works(context, {
    viewType: 'attention.sweep',
    keyOf: (state) => (state as { run: string }).run,
    kept: 'What is finished is kept: go on in the Runs view or in the report.',
    refreshMilliseconds: 2000,
    changed: context.runsChanged,
    report: async (run) => {
      const report = await context.server.request<SweepReport>('attention/sweepReport', { run });
      return { title: report.run.title, shown: { type: 'sweep', report } };
    },
    receive: (run, page, message) => {
      if (message.type === 'cancel') works.stop(run);
      else if (message.type === 'resume') void work(context, run, page.title, 'attention/resumeRun', { run });
      else if (message.type === 'export') void guarded(context, () => exportRun(context, run));
    },
  });
  context.extension.subscriptions.push(vscode.commands.registerCommand('attention.sweepZones', (uri?: string) => guarded(context, () => sweepZones(context, typeof uri === 'string' ? vscode.Uri.parse(uri) : undefined))));
}

async function sweepZones(context: AttentionContext, given: vscode.Uri | undefined): Promise<void> {
  context.server.forgive();
  const data = given ?? (await chooseData());
  const models = data && (await chooseModels(context));
  if (!data || !models) return;
  const count = await vscode.window.showInputBox({ title: 'How Many Questions', prompt: 'From the first of the file on; nothing for all of them', value: usualQuestions, validateInput: (text) => (/^([1-9]\d*)?$/.test(text.trim()) ? undefined : 'Type a number, or nothing') });
  if (count === undefined) return;
  const params: SweepParams = { data: [data.fsPath], models, limit: count.trim() ? Number(count) : undefined };
  const plan = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: 'Planning the sweep', cancellable: true }, (_, token) => context.server.request<SweepPlan>('attention/sweepPlan', params, token));
  if (await confirmed(plan)) await work(context, plan.run, plan.title, 'attention/sweep', params);
}

/** The file in the editor where it holds questions, else one that is chosen. */
async function chooseData(): Promise<vscode.Uri | undefined> {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.uri.scheme === 'file' && questionsOf(document.getText()).length > 0) return document.uri;
  const [file] = (await vscode.window.showOpenDialog({ title: 'Questions and Passages', openLabel: 'Sweep Over This File', filters: { 'SQuAD format': ['json', 'jsonl'] } })) ?? [];
  return file;
}

async function chooseModels(context: AttentionContext): Promise<string[] | undefined> {
  const models = await context.server.request<ModelItem[]>('attention/models', {});
  const items = models.filter((model) => model.head === reader && !model.problem).map((model) => ({ label: model.name, description: model.architecture, detail: model.detail, picked: model.name === usualModel }));
  const chosen = await vscode.window.showQuickPick(items, { title: 'Models', placeHolder: 'Several are taken for seeds of one another', canPickMany: true });
  return chosen && chosen.length > 0 ? chosen.map((item) => item.label) : undefined;
}

/** What it will take, before it starts. */
async function confirmed(plan: SweepPlan): Promise<boolean> {
  const start = { label: plan.done > 0 ? '$(play) Go on' : '$(play) Start', detail: plan.cost };
  const [questions, cells, done] = [plan.questions.toLocaleString(), plan.cells.toLocaleString(), plan.done.toLocaleString(undefined, { style: 'percent' })];
  const left = plan.skipped > 0 ? ` · ${plan.skipped} malformed questions left out` : '';
  const placeHolder = `${questions} questions · ${cells} cells${left}${plan.done > 0 ? ` · ${done} done already` : ''}`;
  return (await vscode.window.showQuickPick([start, { label: '$(close) Cancel', detail: 'Nothing is computed' }], { title: plan.title, placeHolder, ignoreFocusOut: true })) === start;
}

/** Goes on with a run, and shows what it finds. */
export function resume(context: AttentionContext, run: RunInfo): Promise<void> {
  context.server.forgive();
  return work(context, run.run, run.title, 'attention/resumeRun', { run: run.run });
}

async function work(context: AttentionContext, run: string, title: string, method: string, params: SweepParams | RunParams): Promise<void> {
  const done = await works.work<RunInfo>(run, title, method, params);
  if (done) context.log.info(`${done.title}: ${done.progress}`);
}

/** The report of a run, as far as it is. */
export function openReport(run: string, title: string): Promise<void> {
  return works.open(run, title);
}

/** Closes what shows a run that is gone. */
export function forget(run: string): void {
  works.forget(run);
}

/** Export: the report or its numbers, into a file. */
export async function exportRun(context: AttentionContext, run: string): Promise<void> {
  const chosen = await vscode.window.showQuickPick(formats, { title: 'Export Run' });
  const target = chosen && (await targetOf('sweep', chosen));
  if (!target) return;
  await context.server.request('attention/exportRun', { run, path: target.fsPath });
  await offerOpen(target, chosen.opens);
}
