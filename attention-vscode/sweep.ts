import * as vscode from 'vscode';
import type { FromStudy, ModelItem, RunInfo, RunParams, SweepParams, SweepPlan, SweepReport } from '../protocol/messages';
import type { AttentionContext } from './context';
import { offerOpen, targetOf, type Format } from './export';
import { questionsOf } from './squad';
import { StudyPanel } from './studyPanel';

/** Sweep: Attention Zones…: zones masked one by one over a data set, in several models; and the report of such a run. */

const viewType = 'attention.sweep';
const reader = 'question answering';
const usualModel = 'attention-mini-qa';
const usualQuestions = '100';
/** A report of a run at work is asked for no more often than this. */
const refreshMilliseconds = 2000;
const formats: Format[] = [
  { label: 'HTML', description: 'the report as one page, with figures and methods', format: 'html', opens: 'browser' },
  { label: 'CSV', description: 'a row for each cell and measure', format: 'csv', opens: 'editor' },
  { label: 'JSON', description: 'everything the report says', format: 'json', opens: 'editor' },
];
let lastToken = 0;
/** The pages that show runs, by the folder of the run. */
const pages = new Map<string, StudyPanel>();
/** What runs are worked on from here. */
const working = new Map<string, vscode.CancellationTokenSource>();

export function activate(context: AttentionContext): void {
  context.extension.subscriptions.push(
    vscode.commands.registerCommand('attention.sweepZones', (uri?: string) => guarded(context, () => sweepZones(context, typeof uri === 'string' ? vscode.Uri.parse(uri) : undefined))),
    vscode.window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: async (revived, state: { run: string } | undefined) => {
        if (!state) return revived.dispose();
        adopt(context, state.run, new StudyPanel(context, revived));
        await refresh(context, state.run);
      },
    }),
  );
}

/** Shows what fails, in the one sentence it carries. */
export async function guarded(context: AttentionContext, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { message } = error as Error;
    context.log.error(message);
    void vscode.window.showErrorMessage(message);
  }
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
  if (working.has(run)) return openReport(context, run, title);
  const cancellation = new vscode.CancellationTokenSource();
  working.set(run, cancellation);
  const page = pageOf(context, run, title);
  page.reveal();
  page.busy('Starting…');
  let failed = false;
  const workDoneToken = `sweep-${++lastToken}-${Date.now()}`;
  try {
    const done = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
      token.onCancellationRequested(() => cancellation.cancel());
      let before = 0;
      let next = 0;
      const listening = await context.server.progress(workDoneToken, (message, percentage) => {
        progress.report({ message, increment: percentage === undefined ? undefined : percentage - before });
        before = percentage ?? before;
        pages.get(run)?.busy(percentage === undefined ? message : `${message} (${percentage} %)`);
        if (Date.now() < next) return;
        next = Infinity;
        context.runsChanged.fire();
        void refresh(context, run, true).finally(() => (next = Date.now() + refreshMilliseconds));
      });
      try {
        return await context.server.request<RunInfo>(method, { ...params, workDoneToken }, cancellation.token);
      } finally {
        listening.dispose();
      }
    });
    pages.get(run)?.busy(undefined);
    context.log.info(`${done.title}: ${done.progress}`);
  } catch (error) {
    const { message } = error as Error;
    if (cancellation.token.isCancellationRequested) {
      pages.get(run)?.busy(undefined);
      void vscode.window.showInformationMessage(`${title} was stopped. What is finished is kept: go on in the Runs view or in the report.`);
    } else {
      failed = true;
      context.log.error(message);
      pages.get(run)?.fail(message);
      void vscode.window.showErrorMessage(message);
    }
  } finally {
    working.delete(run);
    cancellation.dispose();
    context.runsChanged.fire();
  }
  // What failed stays to be read.
  await refresh(context, run, failed);
}

/** The report of a run, as far as it is. */
export async function openReport(context: AttentionContext, run: string, title: string): Promise<void> {
  context.server.forgive();
  const page = pageOf(context, run, title);
  page.reveal();
  if (!working.has(run)) page.busy('Reading the run…');
  await refresh(context, run);
}

/** Closes what shows a run that is gone. */
export function forget(run: string): void {
  pages.get(run)?.close();
}

function pageOf(context: AttentionContext, run: string, title: string): StudyPanel {
  return pages.get(run) ?? adopt(context, run, StudyPanel.open(context, viewType, title));
}

function adopt(context: AttentionContext, run: string, page: StudyPanel): StudyPanel {
  pages.set(run, page);
  page.onClose(() => pages.get(run) === page && pages.delete(run));
  page.onMessage = (message) => receive(context, run, page, message);
  return page;
}

function receive(context: AttentionContext, run: string, page: StudyPanel, message: FromStudy): void {
  switch (message.type) {
    case 'cancel':
      working.get(run)?.cancel();
      break;
    case 'resume':
      void work(context, run, page.title, 'attention/resumeRun', { run });
      break;
    case 'export':
      void guarded(context, () => exportRun(context, run));
      break;
  }
}

/** Shows how far a run is. While it is worked on there may be nothing to show yet. */
async function refresh(context: AttentionContext, run: string, early = false): Promise<void> {
  if (!pages.has(run)) return;
  try {
    const report = await context.server.request<SweepReport>('attention/sweepReport', { run });
    const page = pages.get(run);
    if (!page) return;
    page.title = report.run.title;
    page.show({ type: 'sweep', report });
    if (!working.has(run) && !early) page.busy(undefined);
  } catch (error) {
    const { message } = error as Error;
    context.log.warn(message);
    if (!early) pages.get(run)?.fail(message);
  }
}

/** Export: the report or its numbers, into a file. */
export async function exportRun(context: AttentionContext, run: string): Promise<void> {
  const chosen = await vscode.window.showQuickPick(formats, { title: 'Export Run' });
  const target = chosen && (await targetOf('sweep', chosen));
  if (!target) return;
  await context.server.request('attention/exportRun', { run, path: target.fsPath });
  await offerOpen(target, chosen.opens);
}
