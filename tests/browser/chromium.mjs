// Chromium, the same way for every browser test.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => path && existsSync(path));
const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Why browser tests cannot run, or false. */
export const skip = executablePath ? false : 'no Chromium found (set CHROMIUM)';

export function launch(...more) {
  return chromium.launch({ executablePath, args: [...flags, ...more] });
}

/** Keeps what a page complains about and which requests leave the machine. */
export function watch(page) {
  const seen = { problems: [], outside: [] };
  page.on('console', (message) => message.type() === 'error' && seen.problems.push(message.text()));
  page.on('pageerror', (error) => seen.problems.push(error.message));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (!/^(file|data|blob):$/.test(url.protocol) && url.hostname !== '127.0.0.1') seen.outside.push(request.url());
  });
  return seen;
}

/** Waits until the large map shows `title`, drawn. */
export async function drawn(page, title) {
  await page.waitForFunction((wanted) => document.body.dataset.drawn?.includes(wanted), title, { timeout: 15000 });
  await settled(page);
}

/** Two frames: whatever was asked for is on screen. */
export function settled(page) {
  return page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

/** The colours of the map's canvas at places in CSS pixels of the map. */
export function coloursAt(page, places) {
  return page.evaluate((wanted) => {
    const canvas = document.querySelector('.map canvas:not(.overlay)');
    const copy = document.createElement('canvas');
    [copy.width, copy.height] = [canvas.width, canvas.height];
    const context = copy.getContext('2d');
    context.drawImage(canvas, 0, 0);
    const density = canvas.width / parseFloat(canvas.style.width);
    const pixels = context.getImageData(0, 0, copy.width, copy.height).data;
    return wanted.map(([x, y]) => {
      const at = (Math.floor(y * density) * copy.width + Math.floor(x * density)) * 4;
      return [...pixels.subarray(at, at + 3)];
    });
  }, places);
}

/** The size that the views lay the map out in. */
export function mapSize(page) {
  return page.evaluate(() => {
    const { width, height } = document.querySelector('.map').getBoundingClientRect();
    return { width: Math.floor(width), height: Math.floor(height) };
  });
}
