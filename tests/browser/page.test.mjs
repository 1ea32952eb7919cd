// Exported pages in Chromium: every colour on screen is the tensor's number.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { coloursAt, drawn, launch, mapSize, settled, skip, watch } from './chromium.mjs';
import { load, root } from './modules.mjs';
import { synthetic } from './synthetic.mjs';

const { table } = await load('scene/colour.ts');
const { areaOf, heatmap, mapArea } = await load('views/heatmap.ts');
const { Viewport } = await load('toolkit/viewport.ts');
const { number } = await load('toolkit/labels.ts');

let browser;
let folder;
before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), 'attention-page-'));
  browser = await launch();
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true });
});

/** Writes and opens an exported page; the test fails on any complaint of the page or request that leaves it. */
async function withPage(made, options, work) {
  const { in: where = browser, ...context } = options;
  const path = join(folder, `${made.analysis.id}.html`);
  const json = JSON.stringify({ analysis: made.analysis }).replaceAll('<', '\\u003C');
  const template = readFileSync(join(root, 'out', 'media', 'page.html'), 'utf8');
  const [head, rest] = template.split('<!--attention:data-->');
  const [middle, tail] = rest.split('<!--attention:tensors-->');
  const tensors = Buffer.from(made.file).toString('base64');
  writeFileSync(path, `${head}<script type="application/json" id="attention-data">${json}</script>${middle}<script type="application/octet-stream" id="attention-tensors">${tensors}</script>${tail}`);
  const opened = await where.newContext({ viewport: { width: 1200, height: 1000 }, colorScheme: 'dark', ...context });
  try {
    const page = await opened.newPage();
    const seen = watch(page);
    await page.goto(pathToFileURL(path).href);
    await drawn(page, 'Mean attention, layer 2 of 2');
    await work(page);
    assert.deepEqual(seen, { problems: [], outside: [] });
  } finally {
    await opened.close();
  }
}

const all = (count) => Array.from({ length: count }, (_, i) => i);

/** Token lines without numbers: what a layout needs to know of a map. */
const square = (count) => {
  const lines = all(count).map((i) => ({ label: `token${i}`, tokens: [i] }));
  return { key: 'k', rows: lines, columns: lines, data: new Float32Array(count * count), range: [0, 1], diverging: false, square: true };
};

/** The map on screen is the matrix over the shown tokens: each cell's centre has the colour of its number. */
async function assertMap(page, data, count, { scale = 'dark', shown = all(count), viewport = new Viewport() } = {}) {
  const input = { ...(await mapSize(page)), matrix: square(shown.length), viewport };
  const area = mapArea(input);
  const cells = shown.flatMap((to, row) => shown.map((from, column) => ({ to, from, row, column })));
  const centre = (cell) => {
    const at = areaOf(input, cell);
    return [at.x + at.width / 2, at.y + at.height / 2];
  };
  const inside = cells.filter((cell) => {
    const [x, y] = centre(cell);
    return x > area.x + 2 && y > area.y + 2 && x < area.x + area.width - 2 && y < area.y + area.height - 2;
  });
  assert.ok(inside.length >= Math.min(9, cells.length), 'no cells in view');
  const colours = await coloursAt(page, inside.map(centre));
  const most = Math.max(...cells.map(({ to, from }) => data[to * count + from]));
  const scaleColours = table(scale);
  inside.forEach(({ to, from }, i) => {
    const expected = (data[to * count + from] / most) * 255;
    const { step, distance } = nearest(scaleColours, colours[i]);
    assert.ok(distance <= 2, `(${to}, ${from}) has a colour that is not of the ${scale} scale: ${colours[i]}`);
    assert.ok(Math.abs(step - expected) <= 2, `(${to}, ${from}) shows ${step.toFixed(1)}, not ${expected.toFixed(1)} of 255`);
  });
}

/** Where on the scale a colour is, also between two of its steps, and how far off the scale. */
function nearest(colours, colour) {
  let [step, distance] = [0, Infinity];
  for (let i = 0; i < 255; i++) {
    const [from, to] = [colours.subarray(4 * i, 4 * i + 3), colours.subarray(4 * i + 4, 4 * i + 7)];
    let [along, length] = [0, 0];
    for (let c = 0; c < 3; c++) {
      along += (colour[c] - from[c]) * (to[c] - from[c]);
      length += (to[c] - from[c]) ** 2;
    }
    const share = length > 0 ? Math.min(1, Math.max(0, along / length)) : 0;
    const off = Math.hypot(...colour.map((value, c) => value - from[c] - share * (to[c] - from[c])));
    if (off < distance) [step, distance] = [i + share, off];
  }
  return { step, distance };
}

const select = (page, label, value) => page.getByLabel(label, { exact: true }).selectOption(value);

for (const tokens of [5, 13, 60])
  for (const scale of ['dark', 'light'])
    test(`${tokens} tokens, ${scale}: colours are numbers, also after zooming`, { skip }, () => {
      const made = synthetic({ tokens });
      return withPage(made, { colorScheme: scale }, async (page) => {
        const mean = made.matrix('attention_mean', 1);
        await assertMap(page, mean, tokens, { scale });
        const { width, height } = await mapSize(page);
        const viewport = new Viewport();
        await page.locator('.map').focus();
        for (let i = 0; i < 3; i++) {
          await page.keyboard.press('+');
          viewport.zoomAt(1.4, 0.5, 0.5, Math.max(1, (72 * tokens) / mapArea({ width, height, matrix: square(tokens) }).width));
        }
        await settled(page);
        await assertMap(page, mean, tokens, { scale, viewport });
        await page.keyboard.press('0');
        await settled(page);
        await assertMap(page, mean, tokens, { scale });
      });
    });

test('method, layer and head choose the tensor shown; hiding special tokens takes their rows away', { skip }, () => {
  const made = synthetic({ tokens: 13 });
  return withPage(made, {}, async (page) => {
    await select(page, 'Head', '2');
    await drawn(page, 'Attention, layer 2 of 2, head 2');
    await assertMap(page, made.matrix('attentions', 1, 1), 13);
    await select(page, 'Layer', '0');
    await drawn(page, 'Attention, layer 1 of 2, head 2');
    await assertMap(page, made.matrix('attentions', 0, 1), 13);
    await select(page, 'Method', 'rollout');
    await drawn(page, 'Attention rollout, layer 1 of 2');
    await assertMap(page, made.matrix('rollout', 0), 13);
    await select(page, 'Special tokens', 'drop');
    await page.getByLabel('Heat map of 11 by 11 tokens', { exact: false }).waitFor();
    await settled(page);
    await assertMap(page, made.matrix('rollout', 0), 13, { shown: all(13).slice(1, -1) });
    await page.waitForFunction(() => document.querySelectorAll('[aria-label="The picture in words"] li').length === 11);
  });
});

test('the tip shows the number and its rank, and the keyboard says them', { skip }, () => {
  const made = synthetic({ tokens: 13 });
  const mean = made.matrix('attention_mean', 1);
  const told = (to, from) => {
    const row = mean.subarray(to * 13, to * 13 + 13);
    return [number(row[from]), `rank ${1 + row.filter((value) => value > row[from]).length} of 13`];
  };
  return withPage(made, {}, async (page) => {
    const box = await page.locator('.map').boundingBox();
    const size = await mapSize(page);
    for (const [to, from] of [[0, 0], [3, 7], [12, 1]]) {
      const area = areaOf({ ...size, matrix: square(13), viewport: new Viewport() }, { row: to, column: from });
      await page.mouse.move(box.x + area.x + area.width / 2, box.y + area.y + area.height / 2);
      await settled(page);
      const tip = await page.locator('.tip').textContent();
      for (const part of told(to, from)) assert.ok(tip.includes(part), `the tip says '${tip}', not '${part}'`);
    }
    await page.mouse.move(2, 2);
    await settled(page);
    assert.ok(await page.locator('.tip').isHidden(), 'the tip stays when the mouse has left');
    await page.locator('.map').focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', 'Shift+ArrowRight']) await page.keyboard.press(key);
    const spoken = await page.locator('.map [aria-live]').textContent();
    for (const part of told(1, 6)) assert.ok(spoken.includes(part), `'${spoken}' does not say '${part}'`);
    await page.keyboard.press('Enter');
    await settled(page);
    const strongest = number(Math.max(...mean.subarray(13, 26)));
    assert.equal(await page.locator('.details .bars').first().locator('.number').first().textContent(), strongest);
  });
});

test('a change of the system theme redraws in its colours', { skip }, () => {
  const made = synthetic({ tokens: 13 });
  return withPage(made, {}, async (page) => {
    for (const scale of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: scale });
      await settled(page);
      await assertMap(page, made.matrix('attention_mean', 1), 13, { scale });
    }
  });
});

for (const [name, context] of [['320 pixels wide', { viewport: { width: 320, height: 900 } }], ['two device pixels per pixel', { deviceScaleFactor: 2 }]])
  test(`${name}: the picture is right and nothing has to be scrolled sideways`, { skip }, () => {
    const made = synthetic({ tokens: 13 });
    return withPage(made, context, async (page) => {
      await assertMap(page, made.matrix('attention_mean', 1), 13);
      const { wide, seen } = await page.evaluate(() => ({ wide: Math.max(document.body.scrollWidth, document.documentElement.scrollWidth), seen: innerWidth }));
      assert.ok(wide <= seen, `the page is ${wide} pixels wide in a window of ${seen}`);
    });
  });

test('axe finds nothing serious in an exported page', { skip }, () =>
  withPage(synthetic({ tokens: 13 }), {}, async (page) => {
    await page.addScriptTag({ path: join(root, 'node_modules', 'axe-core', 'axe.min.js') });
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    assert.deepEqual(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => [id, nodes[0].html]), []);
  }));

test('without WebGL the picture is the same', { skip }, async () => {
  const software = await launch('--disable-3d-apis');
  try {
    const made = synthetic({ tokens: 60 });
    await withPage(made, { in: software }, async (page) => {
      assert.ok(await page.evaluate(() => !document.createElement('canvas').getContext('webgl2')), 'this browser has WebGL after all');
      await assertMap(page, made.matrix('attention_mean', 1), 60);
    });
  } finally {
    await software.close();
  }
});

test('labels of one axis never overlap, whatever the size of the map', () => {
  const lineHeight = 15;
  for (const width of [320, 640, 1200])
    for (let count = 1; count <= 512; count++) {
      // Few cells cannot be zoomed: they are as large as they get.
      for (const zoom of count > 20 ? [1, 2.7] : [1])
        for (const pointed of [{}, { hovered: { row: count >> 1, column: count - 1 }, selected: [Math.min(count - 1, (count >> 1) + 1)], highlighted: [0, count - 1] }]) {
          const viewport = new Viewport();
          viewport.zoomAt(zoom, 0.5, 0.5, zoom);
          const scene = heatmap({ matrix: square(count), selected: [], highlighted: [], ...pointed, width, height: 700, viewport, measure: (text) => text.length * 7 });
          for (const [axis, across] of [['rows', 'y'], ['columns', 'x']]) {
            const places = scene.items.filter((item) => item.axis === axis).map((item) => item[across]).sort((a, b) => a - b);
            assert.ok(places.length > 0, `no label on the ${axis} of ${count} tokens`);
            // Leaning labels are nearer to each other than their feet are.
            const needed = axis === 'rows' ? lineHeight : lineHeight * Math.SQRT2;
            for (let i = 1; i < places.length; i++) assert.ok(places[i] - places[i - 1] >= needed - 1e-3, `${axis} of ${count} tokens at ${width} pixels overlap`);
          }
        }
    }
});
