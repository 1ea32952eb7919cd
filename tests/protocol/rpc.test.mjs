// The real vscode-jsonrpc against the server's JSON-RPC.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import rpc from 'vscode-jsonrpc/node';
import { codeOf, startHost, within } from './servers.mjs';

const seconds = 1000;

test('echoes every kind of text', async (t) => {
  const { connection, initialize } = startHost(t);
  await initialize();
  for (const text of ['', 'plain', 'žluťoučký 🐎', '\u2028\u0000\u001f"\\', 'x'.repeat(5_000_000)])
    assert.deepEqual(await connection.sendRequest('test/echo', { text }), { text });
});

test('replaces half a surrogate pair by one character, so that positions still fit', async (t) => {
  const { connection, initialize } = startHost(t);
  await initialize();
  assert.deepEqual(await connection.sendRequest('test/echo', { text: 'a\ud83db' }), { text: 'a\ufffdb' });
});

test('answers failures with a code and one sentence', async (t) => {
  const { connection, initialize, log } = startHost(t);
  await initialize();
  const failure = (how) => connection.sendRequest('test/fail', { how }).then(assert.fail, ({ code, message }) => ({ code, message }));
  assert.deepEqual(await failure('user'), { code: -32803, message: 'there is no such thing: give another name' });
  assert.deepEqual(await failure('modified'), { code: -32801, message: 'the document was edited meanwhile' });
  assert.deepEqual(await failure('defect'), { code: -32603, message: 'test/fail failed: a defect in two lines' });
  assert.equal(await codeOf(connection.sendRequest('test/none')), rpc.ErrorCodes.MethodNotFound);
  assert.equal(await codeOf(connection.sendRequest('$/none')), rpc.ErrorCodes.MethodNotFound);
  assert.equal(await codeOf(connection.sendRequest('test/echo', { text: 5 })), rpc.ErrorCodes.InvalidParams);
  assert.equal(await codeOf(connection.sendRequest('test/echo', {})), rpc.ErrorCodes.InvalidParams);
  assert.equal(log.length, 1, 'only the defect is logged');
  assert.match(log[0].message, /InvalidOperationException.*\n[^]* at /);
});

test('cancels one request and goes on with the others', async (t) => {
  const { connection, initialize } = startHost(t);
  await initialize();
  const source = new rpc.CancellationTokenSource();
  const long = connection.sendRequest('test/slow', { milliseconds: 60 * seconds }, source.token);
  const short = connection.sendRequest('test/slow', { milliseconds: 50 });
  source.cancel();
  assert.equal(await within(2 * seconds, 'cancelling', codeOf(long)), -32800);
  assert.deepEqual(await short, { done: 1 });
});

test('holds ten thousand requests, cancels half, answers half, and lets their memory go', async (t) => {
  const { connection, initialize } = startHost(t);
  await initialize();
  const before = await connection.sendRequest('test/memory');
  const sources = [];
  const requests = [];
  for (let i = 0; i < 10_000; i++) {
    sources.push(new rpc.CancellationTokenSource());
    requests.push(connection.sendRequest('test/slow', { milliseconds: i % 2 === 0 ? 120 * seconds : 3 * seconds }, sources[i].token));
  }
  const cancelled = requests.filter((_, i) => i % 2 === 0).map(codeOf);
  assert.deepEqual(await within(5 * seconds, 'an echo among ten thousand', connection.sendRequest('test/echo', { text: 'here' })), { text: 'here' });
  const during = await connection.sendRequest('test/memory');
  sources.forEach((source, i) => i % 2 === 0 && source.cancel());
  assert.deepEqual(new Set(await within(30 * seconds, 'cancelling', Promise.all(cancelled))), new Set([-32800]));
  const answers = await within(30 * seconds, 'answering', Promise.all(requests.filter((_, i) => i % 2 === 1)));
  assert.ok(answers.every(({ done }) => done === 1));
  const after = await connection.sendRequest('test/memory');
  const mebibytes = (memory) => [memory.managedBytes, memory.workingSetBytes].map((bytes) => (bytes / 2 ** 20).toFixed(1)).join(' / ');
  t.diagnostic(`MiB managed / working set: ${mebibytes(before)} before, ${mebibytes(during)} with 10000 in flight, ${mebibytes(after)} after`);
  assert.ok(after.managedBytes - before.managedBytes < 4 << 20, 'more than 4 MiB stay behind');
});

test('keeps the order of notifications, both ways', async (t) => {
  const { connection, initialize } = startHost(t);
  await initialize();
  const said = [];
  const all = new Promise((resolve) => connection.onNotification('test/said', ({ text }) => said.push(text) === 1000 && resolve()));
  for (let i = 0; i < 1000; i++) connection.sendNotification('test/say', { text: `${i}` });
  await within(10 * seconds, 'saying', all);
  assert.deepEqual(said, Array.from({ length: 1000 }, (_, i) => `${i}`));
});

test('answers quickly', async (t) => {
  const { connection, initialize } = startHost(t);
  await initialize();
  const times = [];
  for (let i = 0; i < 2000; i++) {
    const started = performance.now();
    await connection.sendRequest('test/echo', { text: 'a token' });
    if (i >= 500) times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  const p = (share) => times[Math.floor(share * times.length)];
  const started = performance.now();
  await Promise.all(Array.from({ length: 10_000 }, () => connection.sendRequest('test/echo', { text: 'a token' })));
  const rate = 10_000 / ((performance.now() - started) / seconds);
  t.diagnostic(`echo p50 ${p(0.5).toFixed(3)} ms, p95 ${p(0.95).toFixed(3)} ms; ${Math.round(rate)} requests/s together`);
  assert.ok(p(0.5) < 20, 'an echo takes as long as a person can feel');
});
