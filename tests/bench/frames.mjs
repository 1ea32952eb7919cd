// How fast the panel's pictures open and move, and how much memory they take, for 512 tokens × 12 layers × 12 heads: node tests/bench/frames.mjs
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settled } from '../browser/chromium.mjs';
import { live } from '../browser/live.mjs';
import { root } from '../browser/modules.mjs';
import { writeRandomBert } from '../e2e/randomBert.mjs';

const framesMeasured = 120;
const folder = mkdtempSync(join(tmpdir(), 'attention-frames-'));
writeRandomBert(folder, join(root, 'models', 'attention-mini'));
const text = Array.from({ length: 900 }, (_, i) => ['the', 'river', 'flows', 'past', 'old', 'mills', 'and', 'people', 'walk', 'along', 'it'][(i * 7) % 11]).join(' ');
const panel = await live({ args: process.env.SOFTWARE ? ['--disable-3d-apis'] : ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'] });
const kinds = { Map: 'heat map', Lines: 'line diagram', Layers: 'heat map', Model: 'overview of heads', Flow: 'flow diagram', Neurons: 'neuron diagram' };

try {
  const began = performance.now();
  const { page, analysis, sent, seen } = await panel.open({ text, model: folder, width: 1400, height: 950 });
  console.log(`${analysis.tokens.length} tokens, ${analysis.model.layers} × ${analysis.model.heads}; first picture with analysis after ${Math.round(performance.now() - began)} ms; ${sent.find((m) => m.type === 'drawn')?.surface}`);
  const tab = (name) => page.getByRole('group', { name: 'Picture' }).getByText(name, { exact: true }).click();
  for (const [name, kind] of Object.entries(kinds)) {
    const from = performance.now();
    const before = await page.evaluate(() => document.body.dataset.drawn);
    await tab(name);
    await page.waitForFunction(([wanted, old, first]) => document.querySelector('.map').getAttribute('aria-roledescription') === wanted && (first || document.body.dataset.drawn !== old), [kind, before, name === 'Map' || name === 'Lines'], { timeout: 60_000 });
    await settled(page);
    const opened = performance.now() - from;
    const hover = await frames(page, 'hover');
    const moved = kind === 'heat map' ? await frames(page, 'zoom') : undefined;
    console.log(`${name.padEnd(8)} opens in ${Math.round(opened)} ms; hover ${hover}${moved ? `; zoom and pan ${moved}` : ''}; ${memory()}`);
  }
  await tab('Map');
  await settled(page);
  console.log(`heads switched: ${await switching(page)}; ${memory()}`);
} finally {
  await panel.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Frames a second while the pointer moves, or while the picture is zoomed and moved. */
async function frames(page, how) {
  const times = await page.evaluate(
    async ([count, doing]) => {
      const map = document.querySelector('.map');
      const box = map.getBoundingClientRect();
      const next = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const times = [];
      let last = await next();
      for (let i = 0; i < count; i++) {
        const [x, y] = [box.left + box.width * (0.2 + 0.6 * ((i * 0.37) % 1)), box.top + box.height * (0.2 + 0.6 * ((i * 0.53) % 1))];
        if (doing === 'hover') map.dispatchEvent(new PointerEvent('pointermove', { clientX: x, clientY: y, bubbles: true }));
        else map.dispatchEvent(new WheelEvent('wheel', { clientX: x, clientY: y, deltaY: i % 20 < 10 ? -60 : 60, deltaX: 8, ctrlKey: i % 3 > 0, bubbles: true, cancelable: true }));
        const now = await next();
        times.push(now - last);
        last = now;
      }
      map.dispatchEvent(new MouseEvent('dblclick', { bubbles: true }));
      return times;
    },
    [framesMeasured, how],
  );
  return told(times);
}

/** Frames a second while another head is chosen in each, once they were looked at before, and how many of them were drawn. */
async function switching(page) {
  const { times, drawn } = await page.evaluate(async (count) => {
    const select = document.querySelector('select[aria-label="Head"]');
    const next = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const choose = (i) => {
      select.value = `${1 + (i % 12)}`;
      select.dispatchEvent(new Event('change'));
    };
    for (let i = 0; i < 12; i++) {
      const before = document.body.dataset.drawn;
      choose(i);
      while (document.body.dataset.drawn === before) await next();
    }
    let [last, shown, drawn] = [await next(), document.body.dataset.drawn, 0];
    const times = [];
    for (let i = 0; i < count; i++) {
      // As an event does, between two frames: what is chosen within one would be drawn by it or the next, in turns.
      await new Promise((resolve) => setTimeout(resolve));
      choose(i);
      const now = await next();
      times.push(now - last);
      last = now;
      if (document.body.dataset.drawn !== shown) drawn++;
      shown = document.body.dataset.drawn;
    }
    return { times, drawn };
  }, framesMeasured);
  return `${told(times)}, ${drawn} of ${times.length} heads drawn`;
}

function told(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const mean = times.reduce((a, b) => a + b, 0) / times.length;
  return `${(1000 / mean).toFixed(0)} frames/s (slowest of twenty ${sorted[Math.floor(times.length * 0.95)].toFixed(0)} ms)`;
}

/** Memory that the largest renderer process has for itself: files of the browser, shared by all its processes, are not counted. */
function memory() {
  if (!existsSync('/proc/self/status')) return '';
  const own = process.pid;
  const children = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  const all = (pid) => children(pid).flatMap((child) => [child, ...all(child)]);
  const renderers = all(own).filter((pid) => existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer'));
  const resident = renderers.map((pid) => ['RssAnon', 'RssShmem'].reduce((sum, part) => sum + Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`${part}:\\s+(\\d+)`))?.[1] ?? 0), 0));
  return `renderer ${Math.round(Math.max(0, ...resident) / 1024)} MB`;
}
