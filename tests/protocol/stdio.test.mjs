// Bytes over the pipes of a real process: what garbage, hang-ups and kills do to it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { hostPath, spawnHost, within } from './servers.mjs';

const seconds = 1000;
const frame = (json) => Buffer.concat([Buffer.from(`Content-Length: ${Buffer.byteLength(json)}\r\n\r\n`), Buffer.from(json)]);
const call = (id, method, params = {}) => frame(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
const tell = (method, params = {}) => frame(JSON.stringify({ jsonrpc: '2.0', method, params }));
const hello = Buffer.concat([call(0, 'initialize', { processId: null, capabilities: {} }), tell('initialized')]);

/** A process, its answers by id, and its exit code. */
function start(t) {
  const server = spawnHost();
  t.after(() => server.kill('SIGKILL'));
  server.stdin.on('error', () => {});
  const messages = [];
  let waiting = [];
  let bytes = Buffer.alloc(0);
  server.stdout.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (let end; (end = bytes.indexOf('\r\n\r\n')) >= 0; ) {
      const length = Number(/Content-Length: (\d+)/.exec(bytes.subarray(0, end).toString())[1]);
      if (bytes.length < end + 4 + length) break;
      messages.push(JSON.parse(bytes.subarray(end + 4, end + 4 + length).toString()));
      bytes = bytes.subarray(end + 4 + length);
    }
    waiting = waiting.filter(({ id, resolve }) => {
      const answer = messages.find((message) => message.id === id && !message.method);
      if (answer) resolve(answer);
      return !answer;
    });
  });
  const answer = (id) => within(10 * seconds, `the answer to ${id}`, new Promise((resolve) => {
    const there = messages.find((message) => message.id === id && !message.method);
    if (there) resolve(there);
    else waiting.push({ id, resolve });
  }));
  const exited = once(server, 'exit').then(([code, signal]) => code ?? signal);
  return { server, messages, answer, exited, write: (data) => server.stdin.write(data) };
}

for (const [what, bytes, says] of [
  ['no header', 'hello, are you a web server?\r\n\r\n', /is not a header field/],
  ['a negative length', 'Content-Length: -1\r\n\r\n{}', /is not a length/],
  ['one gigabyte', 'Content-Length: 1073741824\r\n\r\n', /larger than/],
  ['a length beyond every number', `Content-Length: 1${'0'.repeat(30)}\r\n\r\n`, /larger than/],
  ['two lengths', 'Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}', /two Content-Lengths/],
  ['a header without end', 'X: y\r\n'.repeat(10_000), /no message header within/],
]) {
  test(`ends with a reason after ${what}`, async (t) => {
    const { write, answer, exited } = start(t);
    write(hello);
    await answer(0);
    write(bytes);
    const { error } = await answer(null);
    assert.equal(error.code, -32700);
    assert.match(error.message, says);
    assert.equal(await within(5 * seconds, 'ending', exited), 1);
  });
}

test('goes on after messages that are no JSON', async (t) => {
  const { write, answer, messages } = start(t);
  write(hello);
  for (const bad of ['', '{', '[1', '\ufeff{}', '['.repeat(100_000), Buffer.from([0x22, 0xff, 0x22]), Buffer.alloc(1000)]) write(frame(bad));
  write(call(1, 'test/echo', { text: 'here' }));
  assert.deepEqual((await answer(1)).result, { text: 'here' });
  assert.equal(messages.filter(({ id, error }) => id === null && error.code === -32700).length, 7);
});

test('reads bytes that arrive one by one', async (t) => {
  const { server, write, answer } = start(t);
  server.stdin.setDefaultEncoding('latin1');
  for (const byte of Buffer.concat([hello, call(1, 'test/echo', { text: 'č🐎' })])) {
    write(Buffer.of(byte));
    await new Promise(setImmediate);
  }
  assert.deepEqual((await answer(1)).result, { text: 'č🐎' });
});

test('ends when the client hangs up, in a message or between two', async (t) => {
  for (const last of ['', 'Content-Le', 'Content-Length: 100\r\n\r\n{"jsonrpc"']) {
    const { server, write, answer, exited } = start(t);
    write(Buffer.concat([hello, call(1, 'test/slow', { milliseconds: 60 * seconds })]));
    await answer(0);
    write(last);
    server.stdin.end();
    assert.equal(await within(5 * seconds, 'ending', exited), 1);
    assert.equal((await answer(1)).error.code, -32800);
  }
});

test('takes no more in while its output is not read, and loses nothing', async (t) => {
  const { server, write, answer } = start(t);
  write(hello);
  await answer(0);
  server.stdout.pause();
  const text = 'x'.repeat(1 << 20);
  for (let id = 1; id <= 100; id++) write(call(id, 'test/echo', { text }));
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.ok(server.stdin.writableLength > 50 << 20, `only ${server.stdin.writableLength >> 20} MiB are left to be read`);
  server.stdout.resume();
  for (let id = 1; id <= 100; id++) assert.equal((await answer(id)).result.text.length, text.length);
});

test('ends with the process that it was told of, though its input stays open', { skip: process.platform === 'win32' }, async (t) => {
  // Not a child of the server, and the pipes are held by this process: only the process number can tell.
  const client = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
  t.after(() => client.kill('SIGKILL'));
  const { write, answer, exited } = start(t);
  write(call(0, 'initialize', { processId: client.pid, capabilities: {} }));
  await answer(0);
  client.kill('SIGKILL');
  assert.equal(await within(10 * seconds, 'ending', exited), 1);
});

test('ends when the client that started it is killed', { skip: process.platform === 'win32' }, async (t) => {
  const script = `
    const server = require('node:child_process').spawn(process.argv[1], [], { stdio: ['pipe', 'pipe', 'inherit'] });
    server.stdin.write(Buffer.from(process.argv[2], 'base64'));
    server.stdout.once('data', () => console.log(server.pid));`;
  const client = spawn(process.execPath, ['-e', script, hostPath, hello.toString('base64')], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => client.kill('SIGKILL'));
  const pid = Number(String((await once(client.stdout, 'data'))[0]));
  assert.ok(alive(pid));
  client.kill('SIGKILL');
  for (let waited = 0; alive(pid); waited += 50) {
    assert.ok(waited < 10 * seconds, 'the server outlives its client');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
