// Trainings as an editor asks for them: begun, watched, stopped, gone on with to the same losses, used, deleted; and what is wrong with them.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import lsp from 'vscode-languageserver-protocol/node';
import { codeOf, startAttention } from './servers.mjs';

function place(t) {
  const folder = mkdtempSync(join(tmpdir(), 'attention-train-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  process.env.ATTENTION_MODELS = join(folder, 'models');
  t.after(() => delete process.env.ATTENTION_MODELS);
  const data = join(folder, 'classes.tsv');
  writeFileSync(data, Array.from({ length: 40 }, (_, i) => (i % 2 ? `a fine day number ${i}\tgood` : `a bad day number ${i}\tbad`)).join('\n'));
  return { folder, data: [data] };
}

const losses = (folder) => readFileSync(join(folder, 'losses.csv'), 'utf8').trim().split('\n').slice(1).map((line) => line.split(',')[1]);

test('a training is begun, stopped, gone on with beside an analysis, used and deleted', async (t) => {
  const { folder, data } = place(t);
  const { connection, initialize } = startAttention(t);
  await initialize();
  const ask = (method, params, ...token) => connection.sendRequest(`attention/${method}`, params, ...token);
  const wanted = { objective: 'classification', data, model: 'attention-mini', steps: 12, seed: 3 };

  const told = [];
  connection.onProgress(lsp.WorkDoneProgress.type, 'whole', (value) => told.push(value));
  const whole = await ask('train', { ...wanted, output: 'whole', workDoneToken: 'whole' });
  assert.equal(whole.state, 'finished');
  assert.equal(whole.folder, join(folder, 'models', 'whole'));
  assert.deepEqual(whole.points.map(({ first, step }) => [first, step]), Array.from({ length: 12 }, (_, i) => [i + 1, i + 1]));
  assert.deepEqual(whole.points.map(({ loss }) => loss), losses(whole.folder).map((loss) => Math.round(Number(loss) * 1e6) / 1e6));
  assert.ok(whole.looks.length > 10 && whole.looks.some(({ step }) => step === whole.kept));
  assert.equal(Math.min(...whole.looks.map(({ loss }) => loss)), whole.looks.find(({ step }) => step === whole.kept).loss);
  assert.ok(told.some(({ kind, message, percentage }) => kind === 'report' && /^step \d+ of 12 · loss \d\.\d{3} · dev loss \d\.\d{3} · [\d,]+ tokens\/s · 0:\d\d:\d\d left$/.test(message) && percentage > 0), JSON.stringify(told.slice(0, 5)));
  assert.match(whole.progress, /^12 steps, [\d,]+ tokens in \d+ s$/);
  assert.match(whole.notes.join(' '), /new: .*classifier.* M parameters on .*Judged by 10 % of the data/);

  const stop = new lsp.CancellationTokenSource();
  // As soon as a step is done, not after a while: how long they take depends on the machine.
  connection.onProgress(lsp.WorkDoneProgress.type, 'stopped', ({ kind, message }) => kind === 'report' && message.startsWith('step') && stop.cancel());
  assert.equal(await codeOf(ask('train', { ...wanted, output: 'mine', workDoneToken: 'stopped' }, stop.token)), -32800);
  const stopped = await ask('training', { output: 'mine' });
  assert.equal(stopped.state, 'stopped');
  assert.ok(stopped.step >= 1 && stopped.step < 12 && stopped.total === 12, stopped.progress);
  assert.equal(stopped.progress, `stopped after step ${stopped.step} of about 12`);
  const mine = async () => (await ask('models', {})).find(({ name }) => name === 'mine');
  assert.deepEqual([(await mine()).source, (await mine()).unfinished, (await mine()).canDelete], ['trained', true, true]);
  const refused = (method, params) => ask(method, params).then(assert.fail, ({ message }) => message);
  assert.match(await refused('train', { ...wanted, output: 'mine' }), /it holds a training that was begun: go on with it, or choose another name/);

  let beside;
  connection.onProgress(lsp.WorkDoneProgress.type, 'on', ({ kind }) => {
    if (kind === 'report') beside ??= Promise.all([ask('training', { output: 'mine' }), refused('train', { ...wanted, output: 'third' }), refused('deleteModel', { model: 'mine' }), ask('analyze', { text: { text: 'The keys are here.' } })]);
  });
  const done = await ask('resumeTraining', { output: 'mine', workDoneToken: 'on' });
  const [working, third, kept, analysis] = await beside;
  assert.equal(working.state, 'working');
  assert.match(third, /another model is trained already/);
  assert.match(kept, /it is being trained: stop the training first/);
  assert.ok(analysis.tokens.length > 4);
  assert.equal(done.state, 'finished');
  assert.deepEqual(losses(done.folder), losses(whole.folder));
  assert.deepEqual(done.points, whole.points);
  assert.deepEqual(readFileSync(join(done.folder, 'model.safetensors')), readFileSync(join(whole.folder, 'model.safetensors')));
  assert.deepEqual([(await mine()).unfinished, (await mine()).problem, (await mine()).head], [false, undefined, 'classification']);
  assert.match(await refused('resumeTraining', { output: 'mine' }), /it is finished: use the model/);
  assert.match(await refused('train', { ...wanted, output: 'mine' }), /it holds a finished model: choose another name/);

  const classes = await ask('analyze', { text: { text: 'a fine day number 7' }, model: 'mine' });
  assert.equal(classes.model.name, 'mine');
  assert.match(JSON.stringify(classes.predictions), /good.*bad|bad.*good/);
  await ask('deleteModel', { model: 'whole' });
  assert.ok(!existsSync(whole.folder));
});

test('what is wrong with a training is told in a sentence, and leaves nothing behind', async (t) => {
  const { folder, data } = place(t);
  const { connection, initialize } = startAttention(t);
  await initialize();
  const refused = (params) => connection.sendRequest('attention/train', { objective: 'classification', data, model: 'attention-mini', steps: 2, output: 'new', ...params }).then(assert.fail, ({ message }) => message);
  const file = (name, text) => {
    writeFileSync(join(folder, name), text);
    return [join(folder, name)];
  };
  for (const [params, sentence] of [
    [{ data: [join(folder, 'none.tsv')] }, /none\.tsv: there is no such file: check the path/],
    [{ data: file('columns.tsv', 'one\ntwo\tgood\n') }, /columns\.tsv: row 1 has 1 columns: give text and label/],
    [{ data: file('empty.tsv', '') }, /they hold no labelled text/],
    [{ data: file('lines.jsonl', '{"text": "a"}\n') }, /lines\.jsonl: line 1 \(no label\): give one JSON object a line/],
    [{ objective: 'qa' }, /classes\.tsv/],
    [{ objective: 'qa', data: file('no.json', '{"data": []}') }, /no\.json|no question has an answer/],
    [{ objective: 'mlm', data: file('blank.txt', '\n\n') }, /data/],
    [{ objective: 'poems' }, /objective 'poems': training: use mlm, qa or classification/],
    [{ model: 'atention-mini' }, /did you mean attention-mini/],
    [{ minutes: 2 }, /give one of them/],
    [{ steps: 0 }, /more than 0/],
    [{ output: 'a b' }, /it is no name for a folder/],
    [{ output: 'attention-mini' }, /a model of that name comes with the program/],
    [{ output: data[0] }, /it is a file/],
  ])
    assert.match(await refused(params), sentence);
  assert.ok(!existsSync(join(folder, 'models', 'new')));
  assert.match(await connection.sendRequest('attention/training', { output: 'new' }).then(assert.fail, ({ message }) => message), /there is no such folder/);
});

test('trains nothing in a workspace that is not trusted', async (t) => {
  const { data } = place(t);
  const { connection, initialize } = startAttention(t);
  await initialize({}, { trusted: false });
  const message = await connection.sendRequest('attention/train', { objective: 'classification', data, model: 'attention-mini', steps: 2, output: 'new' }).then(assert.fail, (error) => error.message);
  assert.match(message, /not trusted, so nothing is trained/);
});

test('a server that is told to end saves the state first', async (t) => {
  const { data } = place(t);
  const first = startAttention(t);
  await first.initialize();
  const begun = new Promise((resolve) => first.connection.onProgress(lsp.WorkDoneProgress.type, 'begun', ({ kind, message }) => kind === 'report' && message.startsWith('step') && resolve()));
  void first.connection.sendRequest('attention/train', { objective: 'classification', data, model: 'attention-mini', steps: 100_000, output: 'long', workDoneToken: 'begun' }).catch(() => {});
  await begun;
  await first.connection.sendRequest('shutdown');
  await first.connection.sendNotification('exit');
  await first.exited;
  const second = startAttention(t);
  await second.initialize();
  const { state, step, points } = await second.connection.sendRequest('attention/training', { output: 'long' });
  assert.equal(state, 'stopped');
  assert.ok(step >= 1 && points.at(-1).step === step);
});
