// The whole life of a language server, spoken with the types of vscode-languageserver-protocol.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import lsp from 'vscode-languageserver-protocol/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { codeOf, startAttention, startHost, within } from './servers.mjs';

const seconds = 1000;
const uri = 'untitled:Untitled-1';
const open = (text, version = 1) => ({ textDocument: { uri, languageId: 'plaintext', version, text } });

for (const [name, start] of [['RpcHost', startHost], ['attention serve', startAttention]]) {
  test(`${name} lives from initialize to exit`, async (t) => {
    const { connection, exited, initialize } = start(t);
    assert.equal(await codeOf(connection.sendRequest(lsp.HoverRequest.type, { textDocument: { uri }, position: { line: 0, character: 0 } })), -32002);
    const { capabilities, serverInfo } = await initialize();
    assert.equal(serverInfo.name, 'attention');
    assert.match(serverInfo.version, /^\d+\.\d+\.\d+$/);
    assert.equal(capabilities.textDocumentSync.change, lsp.TextDocumentSyncKind.Incremental);
    assert.equal(capabilities.positionEncoding, lsp.PositionEncodingKind.UTF16);
    assert.equal(await codeOf(connection.sendRequest(lsp.InitializeRequest.type, { processId: null, rootUri: null, capabilities: {} })), -32600);
    await connection.sendNotification(lsp.SetTraceNotification.type, { value: 'verbose' });
    await connection.sendNotification(lsp.DidOpenTextDocumentNotification.type, open('text'));
    await connection.sendNotification(lsp.DidSaveTextDocumentNotification.type, { textDocument: { uri } });
    await connection.sendNotification(lsp.DidCloseTextDocumentNotification.type, { textDocument: { uri } });
    assert.equal(await connection.sendRequest(lsp.ShutdownRequest.type), null);
    assert.equal(await codeOf(connection.sendRequest(lsp.ShutdownRequest.type)), -32600);
    await connection.sendNotification(lsp.ExitNotification.type);
    assert.equal(await within(5 * seconds, 'exit', exited), 0);
  });

  test(`${name} exits with 1 without shutdown`, async (t) => {
    const { connection, exited, initialize } = start(t);
    await initialize();
    await connection.sendNotification(lsp.ExitNotification.type);
    assert.equal(await within(5 * seconds, 'exit', exited), 1);
  });
}

test('documents stay the same on both sides through random edits', async (t) => {
  const { connection, initialize } = startHost(t);
  await initialize();
  const random = generator(20261120);
  const pieces = ['\n', '\r\n', '\r', 'a', 'word ', 'é', '🐎', '', '\u2028'];
  const text = () => Array.from({ length: random(8) }, () => pieces[random(pieces.length)]).join('');
  const place = () => ({ line: random(9), character: random(9) });
  let here = TextDocument.create(uri, 'plaintext', 1, text());
  await connection.sendNotification(lsp.DidOpenTextDocumentNotification.type, open(here.getText()));
  for (let version = 2; version <= 300; version++) {
    const contentChanges = Array.from({ length: 1 + random(3) }, () => {
      const [start, end] = [place(), place()].sort((a, b) => a.line - b.line || a.character - b.character);
      return random(40) === 0 ? { text: text() } : { range: { start, end }, text: text() };
    });
    // A fresh document for each edit: the library miscounts lines after an edit that joins \r and \n.
    for (const change of contentChanges)
      here = TextDocument.create(uri, 'plaintext', version, TextDocument.update(here, [change], version).getText());
    connection.sendNotification(lsp.DidChangeTextDocumentNotification.type, { textDocument: { uri, version }, contentChanges });
    // An edit can split a surrogate pair; JSON cannot carry the halves back.
    assert.deepEqual(await connection.sendRequest('test/document', { uri }), { text: here.getText().toWellFormed(), version }, JSON.stringify(contentChanges));
  }
});

test('reports progress under the token of the client', async (t) => {
  const { connection, initialize } = startHost(t);
  await initialize();
  const seen = [];
  connection.onProgress(lsp.WorkDoneProgress.type, 'token', (value) => seen.push(value));
  assert.deepEqual(await connection.sendRequest('test/work', { steps: 2, millisecondsEach: 1, workDoneToken: 'token' }), { done: 2 });
  assert.deepEqual(seen, [
    { kind: 'begin', title: 'Working', cancellable: true },
    { kind: 'report', message: 'step 1', percentage: 50 },
    { kind: 'report', message: 'step 2', percentage: 100 },
    { kind: 'end' },
  ]);
});

test('creates a progress of its own and stops on its cancel button', async (t) => {
  const { connection, initialize } = startHost(t);
  await initialize({ window: { workDoneProgress: true } });
  const ended = new Promise((resolve) => {
    connection.onRequest(lsp.WorkDoneProgressCreateRequest.type, ({ token }) => {
      connection.onProgress(lsp.WorkDoneProgress.type, token, (value) => {
        if (value.kind === 'begin') connection.sendNotification(lsp.WorkDoneProgressCancelNotification.type, { token });
        if (value.kind === 'end') resolve();
      });
    });
  });
  assert.equal(await within(5 * seconds, 'cancelling', codeOf(connection.sendRequest('test/work', { steps: 1000, millisecondsEach: 100 }))), -32800);
  await ended;
});

test('carries out commands and writes to the log', async (t) => {
  const { connection, initialize, log } = startHost(t);
  const { capabilities } = await initialize();
  assert.deepEqual(capabilities.executeCommandProvider.commands, ['test.log']);
  assert.equal(await connection.sendRequest(lsp.ExecuteCommandRequest.type, { command: 'test.log', arguments: ['a line'] }), null);
  assert.deepEqual(log, [{ type: lsp.MessageType.Info, message: 'a line' }]);
  assert.equal(await codeOf(connection.sendRequest(lsp.ExecuteCommandRequest.type, { command: 'test.none' })), -32602);
});

/** Small and repeatable (mulberry32): the same edits in every run. */
function generator(seed) {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
