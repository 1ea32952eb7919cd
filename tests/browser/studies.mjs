// The page of zone reports, sweeps and trainings in Chromium, without an editor; zone reports come from the real server.
import { spawn } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';
import rpc from 'vscode-jsonrpc/node';
import { launch, watch } from './chromium.mjs';
import { root } from './modules.mjs';

const types = { '.js': 'text/javascript', '.css': 'text/css', '.gz': 'application/octet-stream', '.ttf': 'font/ttf' };
const html = (theme) => `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Attention</title><link rel="stylesheet" href="/codicon.css"><link rel="stylesheet" href="/study.css"></head>
<body class="${theme}" data-skia="/canvaskit.wasm.gz"><script src="/study.js"></script></body></html>`;

/** Starts server and browser; `open(message, …)` shows what the extension would send. */
export async function studies() {
  const command = join(root, 'bin', process.platform === 'win32' ? 'attention.cmd' : 'attention');
  const server = spawn(command, ['serve', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = rpc.createMessageConnection(new rpc.StreamMessageReader(server.stdout), new rpc.StreamMessageWriter(server.stdin));
  connection.listen();
  await connection.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities: {} });
  await connection.sendNotification('initialized', {});
  const http = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1');
    if (pathname === '/') return response.setHeader('content-type', 'text/html').end(html(searchParams.get('theme')));
    const file = join(root, 'out', 'media', basename(pathname));
    if (existsSync(file)) createReadStream(file).pipe(response.setHeader('content-type', types[file.slice(file.lastIndexOf('.'))] ?? 'text/plain'));
    else response.writeHead(pathname === '/favicon.ico' ? 204 : 404).end();
  });
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  const browser = await launch();

  async function open(message, { width = 1000, height = 900, theme = 'vscode-dark' } = {}) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme.includes('light') ? 'light' : 'dark' });
    const page = await context.newPage();
    const seen = watch(page);
    await page.addInitScript(() => {
      window.sent = [];
      window.acquireVsCodeApi = () => ({ postMessage: (sent) => window.sent.push(sent), getState: () => undefined, setState: (state) => (window.kept = state) });
    });
    await page.goto(`http://127.0.0.1:${http.address().port}/?theme=${theme}`);
    const send = (data) => page.evaluate((given) => window.postMessage(given), data);
    await send(message);
    await page.waitForFunction(() => document.body.dataset.drawn !== undefined, undefined, { timeout: 60_000 });
    return { page, seen, send, sent: (type) => page.evaluate((wanted) => window.sent.filter((known) => known.type === wanted), type), close: () => context.close() };
  }

  async function close() {
    await browser.close();
    connection.dispose();
    server.kill('SIGKILL');
    http.closeAllConnections();
    http.close();
  }

  return { open, close, connection };
}

const zones = ['Q2', 'Q2P', 'P2Q', 'P2', 'ALL'];

/** A sweep as the server would tell it: two seeds, three layers, two strengths; the last layer of the last zone is not finished. */
export function madeUpSweep({ complete = false } = {}) {
  const cells = [];
  for (const measure of ['em', 'f1', 'probability'])
    for (const layer of [0, 1, 2])
      for (const [z, zone] of zones.entries())
        for (const strength of [0.5, 1]) {
          if (!complete && layer === 2 && zone === 'ALL') continue;
          const mean = strength * (measure === 'em' ? 1 : 1.5) * (zone === 'P2' && layer === 2 ? 6 : -(layer + 1) * (z + 0.4));
          const verdict = Math.abs(mean) < 3 ? 'undecided' : mean < 0 ? 'falls' : 'rises';
          cells.push({ zone, layer, strength, measure, mean, standardError: 0.5 + z / 4, low: mean - 1.5, high: mean + 1.5, pValue: verdict === 'undecided' ? 0.41 : 0.0004, verdict, bySeed: [mean - 0.7, mean + 0.7] });
        }
  return {
    run: { run: '/runs/made-up', title: 'Attention zones: squad-dev.json, 2 models', study: 'attention zones', created: '28 November 2026', share: complete ? 1 : 0.93, progress: complete ? '84 of 84 cells' : '78 of 84 cells', complete, working: false },
    zones,
    layers: [0, 1, 2],
    strengths: [0.5, 1],
    models: [{ model: 'seed-1', em: 61.2, f1: 72.8 }, { model: 'seed-2', em: 60.4, f1: 72.1 }],
    questions: 100,
    cells,
    ranking: zones.map((zone, i) => ({ zone, mean: -8 + i, low: -9.5 + i, high: -6.5 + i, rank: i + 1, probabilities: zones.map((_, place) => (place === i ? 0.8 : 0.05)) })),
    contrasts: [{ title: 'Do P2Q and P2 matter more than Q2 and Q2P?', mean: -2.31, low: -4.02, high: -0.6, pValue: 0.012, answer: 'Yes: masking them costs more.' }],
    findings: ['EM and F1 agree in 29 of 30 cells.', 'Three more seeds would halve the intervals.'],
    notes: ['Two seeds tell little about other seeds.'],
    methods: 'Each zone was masked before the softmax in one layer at a time (arXiv 2410.20652). Intervals: paired bootstrap over questions and seeds.',
  };
}

/** A training as the server would tell it: losses that fall and jump, looks that get better and then worse. */
export function madeUpTraining({ state = 'stopped', steps = 200, each = 1, total = 250 } = {}) {
  const points = Array.from({ length: steps / each }, (_, i) => {
    const [first, step] = [i * each + 1, (i + 1) * each];
    const smoothed = 1 + 3 * Math.exp(-i / 40);
    const loss = smoothed + 0.6 * Math.sin(i * 12.9898);
    return { first, step, loss, low: loss - (each > 1 ? 0.1 : 0), high: loss + (each > 1 ? 0.1 : 0), smoothed, rate: 1e-3 * (1 - step / total) };
  });
  const looks = [1, 2, 3, 4, 5].map((n) => ({ step: n * 40, loss: [2.9, 2.4, 1.9, 2.1, 2.3][n - 1], accuracy: 0.3 + n / 20 }));
  return { output: 'my-model', folder: '/models/my-model', title: 'my-model: hidden words of notes.txt, from attention-mini', state, progress: `stopped after step ${steps} of about ${total}`, step: steps, total, points, looks, kept: 120, notes: ['Judged by 10 % of the data, which it is not trained on; the model of the best look is kept.'] };
}
