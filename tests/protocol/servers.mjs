// Starts the servers under test: RpcHost, whose features are made for these tests, and the real one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import rpc from 'vscode-jsonrpc/node';

const root = join(import.meta.dirname, '..', '..');
const windows = process.platform === 'win32';
export const hostPath = join(root, 'out', 'dotnet', 'bin', 'RpcHost', 'release', windows ? 'RpcHost.exe' : 'RpcHost');
const attention = join(root, 'bin', windows ? 'attention.cmd' : 'attention');

/** The process alone, for tests that write its bytes themselves. */
export function spawnHost() {
  if (!existsSync(hostPath)) throw new Error(`${hostPath} is missing: run 'npm run build' first`);
  return spawn(hostPath, [], { stdio: ['pipe', 'pipe', 'inherit'] });
}

/** RpcHost behind the real vscode-jsonrpc; ended with the test. */
export const startHost = (test) => connect(test, spawnHost());

/** `attention serve --stdio` behind the real vscode-jsonrpc, with a cache of its own; ended with the test. */
export function startAttention(test) {
  const cache = mkdtempSync(join(tmpdir(), 'attention-protocol-'));
  test.after(() => rmSync(cache, { recursive: true, force: true }));
  return connect(test, spawn(attention, ['serve', '--stdio', '--cache', cache], { stdio: ['pipe', 'pipe', 'inherit'], shell: windows }));
}

function connect(test, server) {
  const connection = rpc.createMessageConnection(new rpc.StreamMessageReader(server.stdout), new rpc.StreamMessageWriter(server.stdin));
  const exited = once(server, 'exit').then(([code]) => code);
  const log = [];
  connection.onNotification('window/logMessage', ({ type, message }) => log.push({ type, message }));
  connection.onError(() => {});
  connection.listen();
  test.after(() => {
    connection.dispose();
    server.kill('SIGKILL');
  });
  const initialize = async (capabilities = {}, options = undefined) => {
    const result = await connection.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities, initializationOptions: options });
    await connection.sendNotification('initialized', {});
    return result;
  };
  return { server, connection, exited, log, initialize };
}

/** The value, or an error that says what took too long. */
export function within(milliseconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`${what} took more than ${milliseconds} ms`)), milliseconds)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Resolves with the code of the error that a request is answered with. */
export const codeOf = (request) => request.then(
  (result) => { throw new Error(`answered with ${JSON.stringify(result)}, not with an error`); },
  (error) => error.code,
);
