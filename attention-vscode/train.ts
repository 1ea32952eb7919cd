import { open } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import * as vscode from 'vscode';
import type { ModelItem, TrainingReport, TrainParams } from '../protocol/messages';
import * as config from './config';
import type { AttentionContext } from './context';
import { modelChoices } from './models';
import type { Node } from './modelsView';
import { inSteps, pick, type, type Answer, type Place } from './steps';
import { guarded, Works } from './works';

/** Train: Fine-Tune on…: a new model out of another one and a file; its page, its stops, and going on. */

type Objective = vscode.QuickPickItem & { id: string };
type Length = vscode.QuickPickItem & Pick<TrainParams, 'minutes' | 'epochs'>;

const kinds = ['txt', 'md', 'json', 'jsonl', 'tsv'];
const guessedFrom = 64 << 10;
const objectives: Objective[] = [
  { id: 'mlm', label: 'Hidden words', detail: 'Plain text, a sentence or paragraph a line: the model learns to guess words of it (the next word, for GPT-2)' },
  { id: 'qa', label: 'Questions', detail: "SQuAD's format: the model learns to find answers in passages" },
  { id: 'classification', label: 'Classes', detail: 'TSV (text, label) or JSONL (text, label): the model learns to tell classes of texts' },
];
const lengths: Length[] = [minutes(1), minutes(5), minutes(30), minutes(120), passes(1), passes(3)];
const name = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/;
let works: Works;

export function activate(context: AttentionContext): void {
  works = new Works(context, {
    viewType: 'attention.training',
    keyOf: (state) => (state as { training: string }).training,
    kept: 'Its state is kept: go on in its page, which the Models view opens too.',
    refreshMilliseconds: 1000,
    report: async (output) => {
      const report = await context.server.request<TrainingReport>('attention/training', { output });
      return { title: report.title, shown: { type: 'training', report } };
    },
    receive: (output, page, message) => {
      if (message.type === 'cancel') works.stop(output);
      else if (message.type === 'resume') void work(context, output, page.title, 'attention/resumeTraining', { output });
      else if (message.type === 'use') void vscode.commands.executeCommand('attention.selectModel', output);
      else if (message.type === 'reveal') void guarded(context, async () => vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file((await context.server.request<TrainingReport>('attention/training', { output })).folder)));
    },
  });
  context.extension.subscriptions.push(
    vscode.commands.registerCommand('attention.train', (given?: vscode.Uri | Node) => guarded(context, () => train(context, given))),
    vscode.commands.registerCommand('attention.openTraining', (node: Node) => 'model' in node && works.open(node.model.name, node.model.name)),
  );
}

/** Closes the page of a model that is gone. */
export function closeTraining(output: string): void {
  works.forget(output);
}

async function train(context: AttentionContext, given?: vscode.Uri | Node): Promise<void> {
  if (given instanceof vscode.Uri && given.scheme !== 'file') throw new Error(`${basename(given.path)} is not on this disk, where the server reads it: save a copy of it first.`);
  context.server.forgive();
  const models = await context.server.request<ModelItem[]>('attention/models', {});
  let file = given instanceof vscode.Uri ? given : undefined;
  let model = given && 'model' in given ? given.model.name : undefined;
  const params: TrainParams = { objective: '', data: [], model: '', output: '' };
  const questions: ((place: Place) => Promise<Answer<true>>)[] = [
    (place) => kept(chooseData(place), (chosen) => (file = chosen)),
    async (place) => {
      const guess = await objectiveOf(file!);
      const [first, ...others] = objectives.toSorted((a, b) => Number(b.id === guess) - Number(a.id === guess));
      return kept(pick(place, `What is to be learnt from ${basename(file!.fsPath)}`, [{ ...first, description: 'as the file looks' }, ...others]), ({ id }) => (params.objective = id));
    },
    (place) => {
      const items = modelChoices(models.filter((one) => !one.problem));
      const used = config.model() || 'attention-mini';
      return kept(pick(place, 'The model it starts from', items, items.find((item) => item.label === used)), ({ label }) => (model = label));
    },
    (place) => kept(pick(place, 'How long, or type another number of minutes, hours or passes', lengths, lengths[1], lengthOf), (length) => Object.assign(params, { minutes: length.minutes, epochs: length.epochs })),
    (place) => kept(type(place, 'Seed: all random choices follow from it', '1', (text) => (/^\d{1,9}$/.test(text) ? undefined : 'Type a whole number.')), (text) => (params.seed = Number(text))),
    (place) => kept(type(place, 'Name of the new model, or the path of a new folder. “attention train” in the terminal has more settings.', nameFor(`${basename(model!)}-${basename(file!.fsPath, extname(file!.fsPath))}`, models), (text) => problemOf(text, models)), (text) => (params.output = text)),
  ];
  const open = questions.filter((_, i) => !(i === 0 && file) && !(i === 2 && model));
  if (!(await inSteps('Train: Fine-Tune', open))) return;
  // The server reads the file where it lies.
  await vscode.workspace.textDocuments.find((document) => document.uri.fsPath === file!.fsPath && document.isDirty)?.save();
  await work(context, params.output, `Training of ${params.output}`, 'attention/train', { ...params, data: [file!.fsPath], model: model! });
}

/** Remembers an answer, and asks the next. */
async function kept<T>(answer: Promise<Answer<T>>, keep: (answer: T) => unknown): Promise<Answer<true>> {
  const given = await answer;
  if (given === 'back' || given === undefined) return given as Answer<true>;
  keep(given as T);
  return true;
}

/** The file in the editor, others that are open, or one that is chosen. */
async function chooseData(place: Place): Promise<Answer<vscode.Uri>> {
  const active = vscode.window.activeTextEditor?.document;
  const documents = [...(active ? [active] : []), ...vscode.workspace.textDocuments.filter((document) => document !== active)];
  const items: (vscode.QuickPickItem & { uri?: vscode.Uri })[] = documents
    .filter(({ uri }) => uri.scheme === 'file' && kinds.includes(extname(uri.fsPath).slice(1)))
    .map(({ uri }) => ({ label: basename(uri.fsPath), description: dirname(uri.fsPath), uri }));
  const chosen = await pick(place, 'The file to train on', [...items, { label: '$(folder-opened) Choose a file…' }]);
  if (chosen === 'back' || chosen === undefined) return chosen;
  return chosen.uri ?? (await vscode.window.showOpenDialog({ title: 'Text, Questions or Labelled Texts', openLabel: 'Train on This File', filters: { 'Training data': kinds, 'All files': ['*'] } }))?.[0];
}

/** What a file looks like it is for. */
async function objectiveOf({ fsPath }: vscode.Uri): Promise<string> {
  const kind = extname(fsPath);
  if (kind === '.tsv') return 'classification';
  if (!kind.startsWith('.json')) return 'mlm';
  const file = await open(fsPath);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(guessedFrom));
    const text = buffer.toString('utf8', 0, bytesRead);
    return /"label"\s*:/.test(text) && !text.includes('"qas"') ? 'classification' : 'qa';
  } finally {
    await file.close();
  }
}

function minutes(count: number): Length {
  const hours = count / 60;
  return { label: count < 60 ? `${count} ${count === 1 ? 'minute' : 'minutes'}` : `${hours} ${hours === 1 ? 'hour' : 'hours'}`, minutes: count };
}

function passes(count: number): Length {
  return { label: `${count} ${count === 1 ? 'pass' : 'passes'} over the data`, epochs: count };
}

/** What is typed as a length: "10", "1.5 hours", "2 passes". */
function lengthOf(text: string): Length | undefined {
  const [, number, unit = 'm'] = /^\s*(\d+(?:[.,]\d+)?)\s*(m|h|p|e)?[a-z ]*$/i.exec(text) ?? [];
  const count = Number(number?.replace(',', '.'));
  if (!(count > 0)) return undefined;
  return /[pe]/i.test(unit) ? passes(count) : minutes(/h/i.test(unit) ? count * 60 : count);
}

/** A name like that which no model has yet. */
function nameFor(wanted: string, models: ModelItem[]): string {
  const clean = wanted.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9_]+/, '').slice(0, 90) || 'model';
  for (let i = 1; ; i++) {
    const made = i === 1 ? clean : `${clean}-${i}`;
    if (!models.some((model) => model.name === made)) return made;
  }
}

function problemOf(text: string, models: ModelItem[]): string | undefined {
  if (models.some((model) => model.name === text)) return 'There is a model of that name: choose another.';
  return name.test(text) || /[/\\]/.test(text) ? undefined : 'Use letters, digits, dots, hyphens and underscores, or give the path of a folder.';
}

async function work(context: AttentionContext, output: string, title: string, method: string, params: object): Promise<void> {
  context.server.forgive();
  const done = await works.work<TrainingReport>(output, title, method, params);
  context.modelsChanged.fire();
  if (!done) return;
  context.log.info(`${done.title}: ${done.progress}`);
  const use = 'Use This Model';
  if ((await vscode.window.showInformationMessage(`${done.output} is ready: ${done.progress}.`, use)) === use) await vscode.commands.executeCommand('attention.selectModel', output);
}
