// Sweeps over data sets as an editor asks for them: planned, started, stopped, gone on with, reported, exported, deleted.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import lsp from 'vscode-languageserver-protocol/node';
import { codeOf, startAttention } from './servers.mjs';

const data = [fileURLToPath(new URL('../../demo/questions.json', import.meta.url))];

test('a sweep is planned, stopped, gone on with, reported, exported and deleted', async (t) => {
  const runs = mkdtempSync(join(tmpdir(), 'attention-runs-'));
  t.after(() => rmSync(runs, { recursive: true, force: true }));
  process.env.ATTENTION_RUNS = runs;
  t.after(() => delete process.env.ATTENTION_RUNS);
  const { connection, initialize } = startAttention(t);
  await initialize();
  const ask = (method, params, ...token) => connection.sendRequest(`attention/${method}`, params, ...token);

  assert.deepEqual(await ask('runs', {}), []);
  const plan = await ask('sweepPlan', { data });
  assert.equal(plan.cells, 20);
  assert.equal(plan.questions, 20);
  assert.equal(plan.done, 0);
  assert.match(plan.cost, /GFLOP \(\d\.\d × fewer than every cell from scratch\), about/);
  assert.ok(plan.run.startsWith(runs));

  const stop = new lsp.CancellationTokenSource();
  // As soon as it says that it is at work, not after a while: how long all of it takes depends on the machine.
  connection.onProgress(lsp.WorkDoneProgress.type, 'stopped', ({ kind }) => kind === 'report' && stop.cancel());
  assert.equal(await codeOf(ask('sweep', { data, workDoneToken: 'stopped' }, stop.token)), -32800);
  assert.equal((await ask('runs', {}))[0].complete, false);

  const shares = [];
  connection.onProgress(lsp.WorkDoneProgress.type, 'sweep', (value) => shares.push(value));
  const run = await ask('sweep', { data, workDoneToken: 'sweep' });
  assert.equal(run.run, plan.run);
  assert.ok(run.complete && !run.working);
  assert.ok(shares.some(({ kind, message }) => kind === 'report' && /of 105 cells/.test(message)));
  assert.deepEqual((await ask('runs', {})).map((one) => one.run), [plan.run]);
  assert.equal((await ask('resumeRun', { run: run.run })).complete, true);

  const report = await ask('sweepReport', { run: run.run });
  assert.deepEqual(report.zones, ['Q2', 'Q2P', 'P2Q', 'P2', 'ALL']);
  assert.equal(report.questions, 20);
  assert.equal(report.cells.length, 3 * 20);
  for (const cell of report.cells) {
    assert.ok(cell.low <= cell.mean + 1e-9 && cell.mean <= cell.high + 1e-9);
    assert.deepEqual(cell.bySeed.map((value) => value.toFixed(6)), [cell.mean.toFixed(6)]);
  }
  assert.match(report.methods, /20 questions of questions\.json/);
  assert.ok(report.notes.some((note) => /One seed says nothing about others/.test(note)));

  const page = join(runs, 'report.html');
  await ask('exportRun', { run: run.run, path: page });
  assert.match(readFileSync(page, 'utf8'), /ΔEM[\s\S]*P2Q[\s\S]*Methods/);
  const table = join(runs, 'table.csv');
  await ask('exportRun', { run: run.run, path: table });
  assert.equal(readFileSync(table, 'utf8').trim().split('\n').length, 106);
  const refused = (method, params) => ask(method, params).then(assert.fail, ({ message }) => message);
  assert.match(await refused('exportRun', { run: run.run, path: join(runs, 'x.doc') }), /the format is not known/);
  assert.match(await refused('sweepPlan', { data: [join(runs, 'none.json')] }), /none\.json/);
  assert.match(await refused('sweep', { data, models: ['attention-mini'] }), /does not answer questions/);
  await ask('deleteRun', { run: run.run });
  assert.ok(!existsSync(run.run));
  assert.match(await refused('sweepReport', { run: run.run }), /there is no run in this folder/);
});
