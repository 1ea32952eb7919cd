// `attention serve --stdio` as an editor uses it: the attention/* requests over the real protocol.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import lsp from 'vscode-languageserver-protocol/node';
import { codeOf, startAttention, within } from './servers.mjs';

const seconds = 1000;
const uri = 'untitled:Untitled-1';
const sentence = 'The keys to the cabinet are on the table.';
const change = (version, start, end, text) => ({
  textDocument: { uri, version },
  contentChanges: [{ range: { start, end }, text }],
});

/** A server with one open document: a heading, a blank line and the sentence. */
async function opened(t, { capabilities, options, text = `# Café 🐎\r\n\r\n${sentence}\r\n` } = {}) {
  const server = startAttention(t);
  await server.initialize(capabilities, options);
  await server.connection.sendNotification(lsp.DidOpenTextDocumentNotification.type, { textDocument: { uri, languageId: 'markdown', version: 1, text } });
  const analyze = (given) => server.connection.sendRequest('attention/analyze', { text: { uri, cursor: { line: 2, character: 3 }, ...given } });
  const hover = (line, character) => server.connection.sendRequest(lsp.HoverRequest.type, { textDocument: { uri }, position: { line, character } });
  return { ...server, analyze, hover };
}

test('analyses the paragraph of the cursor, writes a file, and hovers over its tokens', async (t) => {
  const { analyze, hover } = await opened(t);
  assert.equal(await hover(2, 4), null);
  const analysis = await analyze();
  assert.equal(analysis.text, sentence);
  assert.ok(existsSync(analysis.path));
  const header = JSON.parse(readFileSync(analysis.path).subarray(8, 8 + Number(readFileSync(analysis.path).readBigUInt64LE(0))));
  assert.equal(header.attentions.shape[0], analysis.model.layers);
  assert.equal(header.attentions.shape.at(-1), analysis.tokens.length);
  const cabinet = analysis.tokens.find(({ text }) => text === 'cabinet');
  assert.deepEqual(cabinet.range, { start: { line: 2, character: 16 }, end: { line: 2, character: 23 } });
  const over = await hover(2, 20);
  assert.deepEqual(over.range, cabinet.range);
  assert.match(over.contents.value, /\*\*`cabinet`\*\* — importance/);
  assert.equal(await hover(0, 3), null);
});

test('computes one more method on an analysis, shows it, and hovers with it', async (t) => {
  const { connection, analyze, hover } = await opened(t);
  const analysis = await analyze();
  const offered = analysis.methods.find(({ id }) => id === 'rollout');
  assert.ok(offered && !offered.problem && offered.title && offered.group);
  const map = await connection.sendRequest('attention/compute', { analysis: analysis.id, method: 'rollout_no_residual' });
  assert.equal(map.axes, 'map');
  assert.equal(map.layers, analysis.model.layers);
  assert.notEqual(map.analysis, analysis.id);
  const slice = await connection.sendRequest('attention/slice', { analysis: map.analysis, tensor: map.tensor ?? map.id, index: [0] });
  assert.deepEqual(slice.shape, [analysis.tokens.length, analysis.tokens.length]);
  const choice = { map: map.id, analysis: map.analysis, layer: 1 };
  const shown = await connection.sendRequest('attention/show', { analysis: analysis.id, choice });
  assert.match(shown.title, /layer 2/);
  assert.match((await hover(2, 20)).contents.value, /without residual, layer 2/);
  const folder = mkdtempSync(join(tmpdir(), 'attention-export-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const format of ['csv', 'html', 'json']) {
    const path = join(folder, `map.${format}`);
    await connection.sendRequest('attention/export', { analysis: analysis.id, format, path, view: { choice } });
    assert.match(readFileSync(path, 'utf8'), /rollout_no_residual|cabinet/);
  }
  const refused = (given) => connection.sendRequest('attention/compute', { analysis: analysis.id, method: 'rollout', ...given }).then(assert.fail, ({ message }) => message);
  assert.match(await refused({ method: 'guess' }), /there is no such method/);
  assert.match(await refused({ analysis: 'f'.repeat(64) }), /no longer in the cache/);
  assert.match(await refused({ target: 'soul=1' }), /takes pos=2/);
});

test('tells how methods agree, what changes do, and how another model or text differs', async (t) => {
  const { connection, analyze } = await opened(t, { text: `# Café\r\n\r\n${sentence.replace('are', '[MASK]')}\r\n` });
  const analysis = await analyze();
  const ask = (what, given) => connection.sendRequest(`attention/${what}`, { analysis: analysis.id, ...given });
  const refused = (what, given) => ask(what, given).then(assert.fail, ({ message }) => message);
  const trust = await ask('trust', {});
  assert.equal(trust.methods[0].id, 'blank_prob_drop');
  assert.equal(trust.correlations.length, trust.methods.length ** 2);
  assert.ok(trust.methods.every((_, i) => Math.abs(trust.correlations[i * trust.methods.length + i] - 1) < 1e-9));
  assert.match(await refused('trust', { target: 'soul=1' }), /takes pos=2/);

  assert.equal(analysis.blank, '[MASK]');
  const keys = analysis.tokens.findIndex(({ text }) => text.startsWith('key'));
  const edits = [{ tokens: [keys], replace: '[MASK]' }, { place: 'heads', layers: [0], heads: [1], scale: 0.5 }];
  const changed = await ask('change', { edits });
  assert.notEqual(changed.id, analysis.id);
  assert.notDeepEqual(changed.predictions.at(-1), analysis.predictions.at(-1));
  assert.deepEqual((await ask('change', { edits })).id, changed.id, 'the same changes are not found again');
  const none = await ask('change', { edits: [{ place: 'heads', layers: [0], scale: 1 }] });
  assert.deepEqual(none.predictions, analysis.predictions);
  const further = await connection.sendRequest('attention/compute', { analysis: changed.id, method: 'globenc' });
  const plain = await ask('compute', { method: 'globenc' });
  const numbers = async (map) => readFileSync((await connection.sendRequest('attention/slice', { analysis: map.analysis, tensor: 'globenc', index: [] })).path);
  assert.ok(!(await numbers(further)).equals(await numbers(plain)), 'what is computed is not about the changed model');
  assert.match(await refused('change', { edits: [{ place: 'soul', scale: 0 }] }), /place 'soul' is not known/);
  assert.match(await refused('change', { edits: [{ place: 'heads', layers: [99], scale: 0 }] }), /layers 99/);

  const { analysis: vectors } = await ask('vectors', {});
  const keysOf = await connection.sendRequest('attention/slice', { analysis: vectors, tensor: 'k', index: [0, 0] });
  assert.equal(keysOf.shape[0], analysis.tokens.length);
  const models = await ask('compare', { model: 'attention-mini-qa', methods: ['globenc'] });
  assert.deepEqual(models.maps.map(({ id }) => id).filter((id) => id.endsWith('globenc')), ['difference.globenc', 'first.globenc', 'second.globenc']);
  assert.equal(models.tokens.length, analysis.tokens.length);
  assert.ok(models.maps[0].signed && /Rank correlation by layer/.test(models.maps[0].reading));
  const texts = await ask('compare', { text: sentence.replace('cabinet', 'old box') });
  assert.ok(texts.tokens.some(({ text }) => text === 'table') && !texts.tokens.some(({ text }) => text === 'cabinet' || text === 'box'));
  assert.match(await refused('compare', { model: 'nowhere' }), /'nowhere'/);
});

test('follows edits around the text, and says so when one touches it', async (t) => {
  const { connection, analyze, hover } = await opened(t);
  const stale = [];
  connection.onNotification('attention/stale', (given) => stale.push(given));
  const analysis = await analyze();
  await connection.sendNotification(lsp.DidChangeTextDocumentNotification.type, change(2, { line: 0, character: 0 }, { line: 0, character: 0 }, 'New 🐎\n'));
  assert.deepEqual((await hover(3, 20)).range, { start: { line: 3, character: 16 }, end: { line: 3, character: 23 } });
  assert.deepEqual(stale, []);
  await connection.sendNotification(lsp.DidChangeTextDocumentNotification.type, change(3, { line: 3, character: 17 }, { line: 3, character: 18 }, 'A'));
  assert.equal(await hover(3, 20), null);
  assert.deepEqual(stale, [{ uri, analysis: analysis.id }]);
});

test('follows an edit that is made while the analysis runs', async (t) => {
  const { connection, analyze, hover } = await opened(t);
  const running = analyze();
  await connection.sendNotification(lsp.DidChangeTextDocumentNotification.type, change(2, { line: 0, character: 0 }, { line: 0, character: 0 }, 'Typed meanwhile\n'));
  const { tokens } = await running;
  const cabinet = { start: { line: 3, character: 16 }, end: { line: 3, character: 23 } };
  assert.deepEqual(tokens.find(({ text }) => text === 'cabinet').range, cabinet);
  assert.deepEqual((await hover(3, 20)).range, cabinet);
});

test('masks the zones of a question and its passage, and says how to mask each elsewhere', async (t) => {
  const { connection } = await opened(t, { text: 'Its garden was designed by Andre in 1661. The palace was enlarged by Louis.' });
  const ask = (given) => connection.sendRequest('attention/zones', given);
  const refused = (given) => ask(given).then(assert.fail, ({ message }) => message);
  const pair = { question: { text: 'Who designed the garden?' }, passage: { uri } };
  const shares = [];
  connection.onProgress(lsp.WorkDoneProgress.type, 'zones', (value) => shares.push(value));
  const report = await ask({ ...pair, zones: ['Q2', 'P2Q', 'CLS_key'], own: [{ name: 'year', queries: 'question', keys: 'passage:/\\d{4}/' }], strengths: [1, 0.1], workDoneToken: 'zones' });
  assert.deepEqual(shares.filter(({ kind }) => kind !== 'report').map(({ kind }) => kind), ['begin', 'end']);
  assert.ok(shares.some(({ percentage }) => percentage > 0));
  assert.equal(report.model.name, 'attention-mini-qa');
  assert.deepEqual(report.strengths, [0.1, 1]);
  assert.deepEqual(report.zones.map(({ id }) => id), ['Q2', 'P2Q', 'CLS_key', 'year']);
  assert.deepEqual(report.zones[3].keys.map((i) => report.tokens[i].text).join('').replaceAll('#', ''), '1661');
  assert.equal(report.cells.length, report.layers.length * report.zones.length * report.strengths.length);
  assert.ok(report.passage.includes(report.answer.text));
  for (const cell of report.cells) {
    assert.ok(Math.abs(cell.probability - report.answer.probability - cell.deltaProbability) < 1e-9);
    assert.equal(cell.changed, cell.answer.start !== report.answer.start || cell.answer.end !== report.answer.end);
  }
  assert.ok(report.flops < report.flopsFromScratch);

  // A cell's edit gives the same answer where any analysis is changed by it.
  const analysis = await connection.sendRequest('attention/analyze', { text: pair.question, pair: pair.passage, model: 'attention-mini-qa' });
  const again = await ask({ analysis: analysis.id });
  assert.deepEqual(again.zones.map(({ id }) => id), ['Q2', 'Q2P', 'P2Q', 'P2', 'ALL']);
  assert.deepEqual(again.answer, report.answer);
  const cell = again.cells.find(({ changed }) => changed) ?? again.cells[0];
  const { edit } = again.zones.find(({ id }) => id === cell.zone);
  const changed = await connection.sendRequest('attention/change', { analysis: analysis.id, edits: [{ ...edit, layers: [cell.layer], strength: cell.strength }] });
  assert.equal(changed.predictions[0].candidates[0].text, cell.answer.text);

  const padded = await ask({ ...pair, zones: ['paper-all'], padTo: report.tokens.length + 40 });
  assert.equal(padded.padding, 40);
  assert.ok(padded.cells.some(({ deltaProbability }) => Math.abs(deltaProbability) > 1e-6));
  const bare = await ask({ ...pair, zones: ['paper-all'] });
  assert.match(bare.notes.join(), /changes nothing without padding/);
  assert.match(await refused({ question: pair.question }), /it has no passage/);
  assert.match(await refused({ ...pair, zones: ['Q3'] }), /there is no such zone/);
  assert.match(await refused({ ...pair, own: [{ name: 'x', keys: 'soul' }] }), /'soul' is no set of tokens/);
  assert.match(await refused({ ...pair, zones: ['BLOCK'] }), /mask it by probability/);
  assert.match(await refused({ ...pair, mode: 'half' }), /use score or probability/);
  assert.match(await refused({ ...pair, layers: [99] }), /has layers 0 to/);
  assert.match(await refused({ ...pair, strengths: [2] }), /from 0 to 1/);
  assert.match(await refused({ ...pair, model: 'attention-mini' }), /choose a model for question answering/);
  const source = new lsp.CancellationTokenSource();
  const long = connection.sendRequest('attention/zones', { question: pair.question, passage: { text: 'The garden was designed by Andre. '.repeat(60) }, strengths: Array.from({ length: 200 }, (_, i) => i / 200) }, source.token);
  setTimeout(() => source.cancel(), 300);
  assert.equal(await within(20 * seconds, 'cancelling', codeOf(long)), -32800);
});

test('does not show an analysis of text that was edited while it ran', async (t) => {
  const { connection, analyze, hover } = await opened(t);
  const running = codeOf(analyze());
  await connection.sendNotification(lsp.DidChangeTextDocumentNotification.type, change(2, { line: 2, character: 16 }, { line: 2, character: 17 }, 'C'));
  assert.equal(await running, lsp.LSPErrorCodes.ContentModified);
  assert.equal(await hover(2, 20), null);
});

test('says what to do when a request cannot be carried out', async (t) => {
  const { connection, analyze } = await opened(t);
  const failure = (request) => request.then(assert.fail, ({ code, message }) => ({ code, message }));
  const paragraph = await failure(analyze({ cursor: { line: 1, character: 0 } }));
  assert.equal(paragraph.code, -32803);
  assert.match(paragraph.message, /there is no text to analyze: /);
  assert.equal((await failure(analyze({ version: 7 }))).code, lsp.LSPErrorCodes.ContentModified);
  assert.equal((await failure(analyze({ uri: 'file:///none' }))).code, -32803);
  const model = await failure(connection.sendRequest('attention/analyze', { text: { text: sentence }, model: 'no-such-model' }));
  assert.equal(model.code, -32803);
  assert.match(model.message, /no-such-model/);
  assert.equal(await codeOf(connection.sendRequest('attention/analyze', {})), -32602);
  assert.equal((await failure(connection.sendRequest('attention/slice', { analysis: 'unknown', tensor: 'attentions', index: [0] }))).code, -32803);
});

test('opens only bundled models in a workspace that is not trusted', async (t) => {
  const { connection } = await opened(t, { options: { trusted: false, model: '/somewhere/else' } });
  assert.match((await connection.sendRequest('attention/status')).model, /^attention-/);
  const { code } = await connection.sendRequest('attention/analyze', { text: { text: sentence }, model: import.meta.dirname }).then(assert.fail, (error) => error);
  assert.equal(code, -32803);
});

test('shows progress of its own and can be cancelled from it', async (t) => {
  const { connection } = await opened(t, { capabilities: { window: { workDoneProgress: true } } });
  const kinds = [];
  const ended = new Promise((resolve) => connection.onRequest(lsp.WorkDoneProgressCreateRequest.type, ({ token }) => {
    connection.onProgress(lsp.WorkDoneProgress.type, token, ({ kind }) => {
      kinds.push(kind);
      if (kind === 'begin') connection.sendNotification(lsp.WorkDoneProgressCancelNotification.type, { token });
      if (kind === 'end') resolve();
    });
  }));
  // Long enough that the work is not done before the cancel button is heard; and the first one opens the model as well.
  const long = connection.sendRequest('attention/analyze', { text: { text: sentence.repeat(45) } });
  assert.equal(await within(20 * seconds, 'cancelling', codeOf(long)), -32800);
  await ended;
  assert.deepEqual([kinds[0], kinds.at(-1)], ['begin', 'end']);
});

test('cancels a hundred analyses and still serves', async (t) => {
  const { connection, analyze } = await opened(t);
  const sources = Array.from({ length: 100 }, () => new lsp.CancellationTokenSource());
  const requests = sources.map(({ token }, i) => codeOf(connection.sendRequest('attention/analyze', { text: { text: `${i}: ${sentence.repeat(20)}` } }, token)));
  sources.forEach((source) => source.cancel());
  const codes = await within(30 * seconds, 'cancelling', Promise.all(requests));
  assert.deepEqual(new Set(codes), new Set([-32800]));
  assert.equal((await analyze()).text, sentence);
});

test('answers ten thousand requests in flight', async (t) => {
  const { connection, analyze } = await opened(t);
  await analyze();
  const started = performance.now();
  const hovers = await within(60 * seconds, 'hovering', Promise.all(Array.from({ length: 10_000 }, (_, i) =>
    connection.sendRequest(lsp.HoverRequest.type, { textDocument: { uri }, position: { line: 2, character: i % 40 } }))));
  t.diagnostic(`10000 hovers in ${Math.round(performance.now() - started)} ms`);
  assert.ok(hovers.filter(Boolean).length > 7000);
});

test('ends while an analysis runs', async (t) => {
  const { connection, exited } = await opened(t);
  const running = connection.sendRequest('attention/analyze', { text: { text: sentence.repeat(50) } }).catch(() => {});
  await connection.sendRequest(lsp.ShutdownRequest.type);
  await connection.sendNotification(lsp.ExitNotification.type);
  assert.equal(await within(5 * seconds, 'exit', exited), 0);
  await Promise.race([running, new Promise((resolve) => setTimeout(resolve, 100))]);
});
