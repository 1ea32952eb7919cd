// Exported pages in Chromium: every colour on screen is the tensor's number.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { coloursAt, drawn, launch, mapSize, settled, skip, watch } from './chromium.mjs';
import { load, root } from './modules.mjs';
import { safetensors, synthetic } from './synthetic.mjs';

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
    const { layers } = made.analysis.model;
    await drawn(page, `Mean attention, layer ${layers} of ${layers}`);
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

const long = 'A text that goes on and on. '.repeat(20);

test('the page says which text it is about, whole where that is short', { skip }, async () => {
  const made = synthetic({ tokens: 5 });
  await withPage(made, {}, async (page) => {
    assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), made.analysis.text);
    assert.equal(await page.locator('.heading .quiet').textContent(), 'synthetic · CPU');
  });
  made.analysis = { ...made.analysis, text: long, pair: 'And another.' };
  await withPage(made, { viewport: { width: 320, height: 900 } }, async (page) => {
    const whole = page.locator('.heading details p');
    assert.ok(await whole.isHidden());
    await page.locator('.heading summary').focus();
    await page.keyboard.press('Enter');
    assert.ok(await whole.isVisible());
    assert.equal(await whole.textContent(), `${long}\nAnd another.`);
  });
});

test('what a method says of its numbers stands with them, what is said of all of them above', { skip }, () => {
  const made = synthetic({ tokens: 5 });
  const cut = 'The text is cut: 5 of 9 tokens are left.';
  made.analysis.notes = [cut, 'Attention rollout: adds up to 1.', 'Attention rollout, reversed: of another method.'];
  made.analysis.maps.push({ ...made.analysis.maps[2], id: 'reversed', title: 'Attention rollout, reversed', tensor: 'rollout' });
  return withPage(made, {}, async (page) => {
    const [above, below] = [page.locator('.notice'), page.locator('.caption .note')];
    assert.deepEqual([(await above.allTextContents()).map((text) => text.trim()), await below.allTextContents()], [[cut], []]);
    await select(page, 'Method', 'rollout');
    await drawn(page, 'Attention rollout, layer 2 of 2');
    assert.deepEqual([await above.count(), await below.allTextContents()], [1, ['Attention rollout: adds up to 1.']]);
  });
});

for (const [name, viewport] of [['a tall window', { width: 1300, height: 1600 }], ['a narrow one', { width: 500, height: 1400 }]])
  test(`in ${name} what is said of a picture follows it, and the overview is whole`, { skip }, () =>
    withPage(synthetic({ tokens: 13, layers: 12 }), { viewport }, async (page) => {
      for (const [tab, below] of [['Map', '.legend'], ['Lines', '.caption'], ['Layers', '.legend']]) {
        await page.getByRole('group', { name: 'Picture' }).getByText(tab, { exact: true }).click();
        await page.locator('.tab[aria-pressed="true"]', { hasText: tab }).waitFor();
        await settled(page);
        const gap = await page.evaluate((selector) => {
          const pixels = document.querySelector('.map canvas:not(.overlay)');
          const copy = document.createElement('canvas');
          [copy.width, copy.height] = [pixels.width, pixels.height];
          const context = copy.getContext('2d');
          context.drawImage(pixels, 0, 0);
          const { data, width } = context.getImageData(0, 0, copy.width, copy.height);
          const page = [...data.subarray(0, 3)];
          let last = copy.height - 1;
          const empty = (row) => Array.from({ length: width }, (_, x) => (row * width + x) * 4).every((at) => page.every((value, c) => value === data[at + c]));
          while (last > 0 && empty(last)) last--;
          return document.querySelector(selector).getBoundingClientRect().top - pixels.getBoundingClientRect().top - last;
        }, below);
        assert.ok(gap < 40, `${tab}: ${gap} pixels of nothing below the picture`);
      }
      const { scrolls, heads } = await page.evaluate(() => {
        const overview = document.querySelector('.overview');
        const head = document.querySelector('select[aria-label="Head"]');
        return { scrolls: overview.scrollHeight > overview.clientHeight, heads: head.clientWidth };
      });
      assert.ok(!scrolls, 'the overview is cut');
      assert.ok(heads >= 128, `'Mean of heads' has ${heads} pixels`);
    }));

test('results are offered by the groups of their methods', { skip }, () => {
  const made = synthetic({ tokens: 5 });
  const { computed, analysis, tensors } = made;
  analysis.maps.push(...computed.map(({ map }) => ({ ...map, analysis: undefined, group: map.axes.startsWith('head') ? 'Heads' : 'Norms' })));
  made.file = safetensors(tensors);
  return withPage(made, {}, async (page) => {
    const groups = await page.evaluate(() => [...document.querySelectorAll('select[aria-label="Method"] optgroup')].map((group) => [group.label, [...group.children].map((option) => option.value)]));
    assert.deepEqual(groups, [
      ['Attention', ['attention', 'rollout']],
      ['Norms', ['of_map', 'of_tokenPairs', 'of_tokenVectors', 'of_layerTokens']],
      ['Heads', ['of_headMaps', 'of_headTokens', 'of_heads', 'of_headPairs', 'of_headPlane']],
    ]);
  });
});

test('numbers in cells never run into their neighbours', () => {
  const measure = (text) => text.length * 7;
  const texts = (values, width) => {
    const matrix = { ...square(9), data: Float32Array.from({ length: 81 }, (_, i) => values[i % values.length]), range: [Math.min(0, ...values), Math.max(...values)] };
    const scene = heatmap({ matrix, selected: [], highlighted: [], width, height: 700, viewport: new Viewport(), measure });
    return [...new Set(scene.items.filter((item) => item.on).map((item) => item.text))];
  };
  const room = (cell) => 84 + 26 + 9 * cell;
  assert.deepEqual(texts([0.25, 1e-5, 0], room(64)), ['0.250', '<0.001', '0']);
  assert.deepEqual(texts([0.25, 1e-5, 0], room(44)), ['0.250', '≈0', '0']);
  assert.deepEqual(texts([0.25, -0.25, -1e-5], room(50)), ['0.250', '−0.250', '≈0']);
  assert.deepEqual(texts([0.25, -0.25, 0.004], room(44)), ['0.25', '−0.25', '≈0']);
  assert.deepEqual(texts([1234.5, 1], room(44)), []);
});

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
