// The panel's script with a host that a test plays: slices on demand, messages both ways, and how long a reader waits.
import assert from 'node:assert/strict';
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { drawn, launch, settled, skip, watch } from './chromium.mjs';
import { root } from './modules.mjs';
import { synthetic } from './synthetic.mjs';

const types = { '.js': 'text/javascript', '.css': 'text/css', '.gz': 'application/octet-stream', '.ttf': 'font/ttf' };
const html = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><link rel="stylesheet" href="/codicon.css"><link rel="stylesheet" href="/panel.css"></head>
<body data-skia="/canvaskit.wasm.gz"><script src="/panel.js"></script></body></html>`;
let browser;
let server;
let origin;
let made;
let served = 0;

before(async () => {
  if (skip) return;
  made = synthetic({ tokens: 512, layers: 12, heads: 12 });
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://127.0.0.1');
    const [, kind, tensor, index] = pathname.split('/');
    if (kind === 'slice') {
      const { shape, data } = made.tensors[tensor];
      let [from, count] = [0, data.length];
      (index ? index.split(',').map(Number) : []).forEach((i, axis) => (from += i * (count /= shape[axis])));
      served += count * 4;
      response.end(Buffer.from(data.buffer, from * 4, count * 4));
      return;
    }
    const file = join(root, 'out', 'media', pathname);
    if (pathname === '/') response.setHeader('content-type', 'text/html').end(html);
    else if (existsSync(file)) createReadStream(file).pipe(response.setHeader('content-type', types[file.slice(file.lastIndexOf('.'))] ?? 'text/plain'));
    else response.writeHead(pathname === '/favicon.ico' ? 204 : 404).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${server.address().port}`;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

/** Opens the panel as VS Code would; `window.sent` has what it said, `window.answer` decides what a slice costs. */
async function withPanel(work) {
  const context = await browser.newContext({ viewport: { width: 900, height: 900 }, colorScheme: 'dark' });
  try {
    const page = await context.newPage();
    const seen = watch(page);
    const shapes = Object.fromEntries(Object.entries(made.tensors).map(([name, { shape }]) => [name, shape]));
    await page.addInitScript((known) => {
      window.sent = [];
      window.delay = 0;
      window.refuse = undefined;
      let state;
      const answer = ({ id, slice }) => {
        if (window.refuse) window.postMessage({ type: 'reply', id, error: window.refuse });
        else window.postMessage({ type: 'reply', id, uri: `/slice/${slice.tensor}/${slice.index}`, shape: known[slice.tensor].slice(slice.index.length) });
      };
      window.acquireVsCodeApi = () => ({
        postMessage(message) {
          window.sent.push(message);
          if (message.type === 'slice') setTimeout(answer, window.delay, message);
        },
        getState: () => state,
        setState: (next) => (state = structuredClone(next)),
      });
      window.stored = () => state;
    }, shapes);
    await page.goto(origin);
    await page.waitForFunction(() => window.sent.some((message) => message.type === 'ready'));
    const started = performance.now();
    await post(page, { type: 'analysis', analysis: made.analysis, fileUri: '/whole' });
    await drawn(page, 'layer 12 of 12');
    await work(page, performance.now() - started);
    assert.deepEqual(seen, { problems: [], outside: [] });
  } finally {
    await context.close();
  }
}

const post = (page, message) => page.evaluate((sent) => window.postMessage(sent), message);
const sent = (page, type) => page.evaluate((wanted) => window.sent.filter((message) => message.type === wanted), type);
const head = (page, value) => page.getByLabel('Head', { exact: true }).selectOption(value);

/** How long a reader waits for another head of the layer shown. */
function switchHead(page, value) {
  return page.evaluate(async (wanted) => {
    const select = document.querySelector('[aria-label=Head]');
    const start = performance.now();
    select.value = wanted;
    select.dispatchEvent(new Event('change'));
    while (!document.body.dataset.drawn.endsWith(`head ${wanted}`)) await new Promise(requestAnimationFrame);
    return performance.now() - start;
  }, value);
}

test('512 tokens × 12 × 12 open under 3 s and heads switch under 100 ms, without reading the whole', { skip }, (t) =>
  withPanel(async (page, opened) => {
    const { milliseconds } = (await sent(page, 'drawn'))[0];
    assert.ok(opened < 3000, `opened after ${opened.toFixed(0)} ms`);
    // Other work on the machine slows a round down; on another layer the heads are new again.
    const rounds = [];
    for (const layer of [11, 7, 3]) {
      await page.getByLabel('Layer', { exact: true }).selectOption(`${layer}`);
      await drawn(page, `layer ${layer + 1} of 12`);
      await page.waitForTimeout(1000);
      const waits = [];
      for (let value = 1; value <= 9; value++) waits.push(await switchHead(page, `${value}`));
      rounds.push(waits.sort((a, b) => a - b)[4]);
      if (rounds.at(-1) < 100) break;
    }
    const median = rounds.at(-1);
    t.diagnostic(`opened in ${opened.toFixed(0)} ms (drawn after ${milliseconds.toFixed(0)} ms), next head in ${rounds.map((ms) => ms.toFixed(0)).join(', ')} ms (medians of 9), ${(served / 2 ** 20).toFixed(0)} of ${(made.file.length / 2 ** 20).toFixed(0)} MiB read`);
    assert.ok(median < 100, `the next head came after ${median.toFixed(0)} ms`);
    assert.ok(served < made.file.length / 3, 'too much was read');
  }));

test('of heads chosen quickly the last is shown; a refused one is said and the picture stays', { skip }, () =>
  withPanel(async (page) => {
    await page.evaluate(() => (window.delay = 60));
    for (const value of ['3', '7', '5']) await head(page, value);
    await drawn(page, 'layer 12 of 12, head 5');
    await page.waitForTimeout(300);
    assert.match(await page.evaluate(() => document.body.dataset.drawn), /head 5$/);
    await head(page, '9');
    await drawn(page, 'head 9');
    await post(page, { type: 'status', stale: true });
    await page.evaluate(() => (window.refuse = 'The analysis is gone: analyze again.'));
    await page.waitForTimeout(300);
    assert.deepEqual(await sent(page, 'problem'), [], 'a map that nobody asked for is complained about');
    await page.getByLabel('Method', { exact: true }).selectOption('rollout');
    await page.getByText('The analysis is gone: analyze again.').waitFor();
    assert.match(await page.evaluate(() => document.body.dataset.drawn), /head 9$/);
    assert.equal((await sent(page, 'problem')).length, 1);
    assert.ok(await page.getByRole('button', { name: 'Analyze again' }).isVisible(), 'an error hides that the text was edited');
    await page.evaluate(() => (window.refuse = undefined));
    await page.getByLabel('Layer', { exact: true }).selectOption('3');
    await drawn(page, 'Attention rollout, layer 4 of 12');
    assert.equal(await page.getByText('The analysis is gone').count(), 0, 'the error outlives what it was about');
  }));

test('status, highlights and what the reader does are told both ways', { skip }, () =>
  withPanel(async (page) => {
    await post(page, { type: 'status', busy: 'Analyzing', stale: true });
    await page.getByText('Analyzing').waitFor();
    await page.getByText('Analyze again').click();
    assert.deepEqual((await sent(page, 'command')).at(-1), { type: 'command', id: 'attention.analyzeAgain' });
    await post(page, { type: 'status', stale: false, error: 'No model.' });
    await page.getByText('No model.').waitFor();
    await post(page, { type: 'highlight', tokens: [3, 4] });
    await page.locator('.map[data-highlighted="3 4"]').waitFor();
    await page.locator('.map').focus();
    await page.keyboard.press('ArrowDown');
    assert.deepEqual((await sent(page, 'hover')).at(-1), { type: 'hover', tokens: [0] });
    await head(page, '2');
    await drawn(page, 'head 2');
    const choice = { map: 'attentions', layer: 11, head: 1 };
    const json = (state) => JSON.parse(JSON.stringify(state));
    assert.deepEqual(json((await sent(page, 'view')).at(-1).state), { choice });
    await page.waitForFunction((wanted) => JSON.stringify(window.stored()?.view) === wanted, JSON.stringify({ choice }));
    await post(page, { type: 'analysis', analysis: { ...made.analysis, id: 'again' }, fileUri: '/whole' });
    await page.waitForFunction(() => document.body.dataset.drawn.startsWith('again '));
    await settled(page);
    assert.match(await page.evaluate(() => document.body.dataset.drawn), /layer 12 of 12, head 2$/, 'the saved view was not taken up');
  }));
