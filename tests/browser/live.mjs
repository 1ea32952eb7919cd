// The panel in Chromium with the real server behind it, without an editor: for tests and measurements that need both.
import { spawn } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import rpc from 'vscode-jsonrpc/node';
import { launch, watch } from './chromium.mjs';
import { root } from './modules.mjs';

const types = { '.js': 'text/javascript', '.css': 'text/css', '.gz': 'application/octet-stream', '.ttf': 'font/ttf' };
const html = (theme) => `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Attention</title><link rel="stylesheet" href="/codicon.css"><link rel="stylesheet" href="/panel.css"></head>
<body class="${theme}" data-skia="/canvaskit.wasm.gz"><script src="/panel.js"></script></body></html>`;
const stored = new Map([
  ['vectors', (message) => ['attention/vectors', { analysis: message.analysis }]],
  ['flow', (message) => ['attention/flow', message.graph]],
  ['difference', (message) => ['attention/difference', message.methods]],
]);

/** Starts server and browser; `open(text, …)` analyses a text and shows it. */
export async function live({ args = [], env = {} } = {}) {
  const cache = mkdtempSync(join(tmpdir(), 'attention-live-'));
  const command = join(root, 'bin', process.platform === 'win32' ? 'attention.cmd' : 'attention');
  const server = spawn(command, ['serve', '--stdio', '--cache', cache], { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  const connection = rpc.createMessageConnection(new rpc.StreamMessageReader(server.stdout), new rpc.StreamMessageWriter(server.stdin));
  connection.listen();
  await connection.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities: {} });
  await connection.sendNotification('initialized', {});
  const http = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1');
    if (pathname === '/') return response.setHeader('content-type', 'text/html').end(html(searchParams.get('theme') ?? 'vscode-dark'));
    const file = pathname.startsWith('/cache/') ? join(cache, decodeURIComponent(pathname.slice(7))) : join(root, 'out', 'media', basename(pathname));
    if (existsSync(file)) createReadStream(file).pipe(response.setHeader('content-type', types[file.slice(file.lastIndexOf('.'))] ?? 'text/plain'));
    else response.writeHead(pathname === '/favicon.ico' ? 204 : 404).end();
  });
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  const browser = await launch(...args);
  const uri = (path) => `/cache/${path.slice(cache.length + 1).split(/[\\/]/).map(encodeURIComponent).join('/')}`;

  /** A page with the panel, and how it is talked to. */
  async function open({ text, pair, model, view, width = 1100, height = 860, theme = 'vscode-dark', density = 1 }) {
    const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor: density, colorScheme: theme.includes('light') ? 'light' : 'dark' });
    const page = await context.newPage();
    const seen = watch(page);
    const sent = [];
    let analysis;
    const send = (message) => page.evaluate((data) => window.postMessage(data), message);
    const answers = {
      slice: async ({ slice }) => {
        const { path, shape } = await connection.sendRequest('attention/slice', slice);
        return { uri: uri(path), shape };
      },
      compute: async ({ analysis: id, method, target }) => ({ map: await connection.sendRequest('attention/compute', { analysis: id, method, target }) }),
      trust: async ({ analysis: id, target }) => ({ trust: await connection.sendRequest('attention/trust', { analysis: id, target }) }),
      change: async ({ edits }) => {
        const changed = await connection.sendRequest('attention/change', { analysis: analysis.id, edits });
        return { analysis: changed, uri: uri(changed.path) };
      },
    };
    for (const [type, params] of stored) answers[type] = async (message) => ({ stored: (await connection.sendRequest(...params(message))).analysis });
    await page.exposeFunction('__host', async (message) => {
      sent.push(message);
      if (!answers[message.type]) return;
      const reply = await answers[message.type](message).catch((error) => ({ error: error.message }));
      await send({ type: 'reply', id: message.id, ...reply });
    });
    await page.addInitScript(() => {
      window.acquireVsCodeApi = () => ({ postMessage: (message) => void window.__host(message), getState: () => undefined, setState: () => {} });
    });
    await page.goto(`http://127.0.0.1:${http.address().port}/?theme=${theme}`);
    analysis = await connection.sendRequest('attention/analyze', { text: { text }, pair: pair === undefined ? undefined : { text: pair }, model });
    await send({ type: 'analysis', analysis, fileUri: uri(analysis.path), view });
    await page.waitForFunction(() => document.body.dataset.drawn !== undefined, undefined, { timeout: 60_000 });
    return { page, seen, sent, analysis, send, uri, close: () => context.close() };
  }

  async function close() {
    await browser.close();
    connection.dispose();
    server.kill('SIGKILL');
    http.closeAllConnections();
    http.close();
    rmSync(cache, { recursive: true, force: true });
  }

  return { open, close, connection };
}
