// Every picture of the bundled model, with the real server behind the panel: pixels are the numbers of the tensors, and SVG and PNG agree.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { coloursAt, drawn, mapSize, settled, skip } from './chromium.mjs';
import { live } from './live.mjs';
import { load } from './modules.mjs';

const { table } = await load('scene/colour.ts');
const { Safetensors } = await load('data/safetensors.ts');
const { areaOf } = await load('views/heatmap.ts');
const { places } = await load('views/heads.ts');
const { areaOfNode } = await load('views/flow.ts');
const { Viewport } = await load('toolkit/viewport.ts');

const text = 'The keys to the old cabinet [MASK] on the table.';
let panel;
before(async () => {
  if (!skip) panel = await live();
});
after(() => panel?.close());

const select = (page, label, value) => page.getByLabel(label, { exact: true }).selectOption(value);
const tab = (page, name) => page.getByRole('group', { name: 'Picture' }).getByText(name, { exact: true }).click();

async function withPanel(work, options = {}) {
  const opened = await panel.open({ text, ...options });
  try {
    const bytes = await opened.page.evaluate(async (uri) => [...new Uint8Array(await (await fetch(uri)).arrayBuffer())], opened.uri(opened.analysis.path));
    await work(opened.page, { ...opened, file: new Safetensors(Uint8Array.from(bytes).buffer) });
    assert.deepEqual(opened.seen, { problems: [], outside: [] });
  } finally {
    await opened.close();
  }
}

/** What was computed besides, by the tensor's name. */
async function stored(opened, method, params, tensor, index = []) {
  const answer = await panel.connection.sendRequest(method, params);
  const { path, shape } = await panel.connection.sendRequest('attention/slice', { analysis: answer.analysis, tensor, index });
  const data = await opened.page.evaluate(async (uri) => [...new Float32Array(await (await fetch(uri)).arrayBuffer())], opened.uri(path));
  return { shape, data: Float32Array.from(data) };
}

/** Cells at places have the colours of their numbers, within a step of the scale. */
async function assertColours(page, cells, most, diverging = false) {
  const colours = await coloursAt(page, cells.map(({ x, y }) => [x, y]));
  const scale = table('dark', diverging);
  cells.forEach(({ value, name }, i) => {
    const step = (diverging ? (value / most + 1) / 2 : value / most) * 255;
    const near = [Math.floor(step), Math.ceil(step)].map((at) => [...scale.subarray(4 * at, 4 * at + 3)]);
    for (let c = 0; c < 3; c++)
      assert.ok(colours[i][c] >= Math.min(near[0][c], near[1][c]) - 3 && colours[i][c] <= Math.max(near[0][c], near[1][c]) + 3, `${name}: ${value} of ${most} has ${colours[i]}, not ${near[0]}`);
  });
}

/** The cells of a map that is drawn in so many pixels from a place. */
function cellsOf(matrix, size, dx = 0, dy = 0) {
  const input = { ...size, matrix, viewport: new Viewport() };
  return Array.from(matrix.data, (value, at) => {
    const cell = { row: Math.floor(at / matrix.columns.length), column: at % matrix.columns.length };
    const area = areaOf(input, cell);
    return { value, x: dx + area.x + area.width / 2, y: dy + area.y + area.height / 2, name: `(${cell.row}, ${cell.column})` };
  });
}

const lines = (count) => Array.from({ length: count }, (_, i) => ({ label: `${i}`, tokens: [i] }));
const largest = (data) => data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

test('every head of the model picture has the colours of its attention, in any order', { skip }, () =>
  withPanel(async (page, { file, analysis }) => {
    const { layers, heads } = analysis.model;
    await tab(page, 'Model');
    await drawn(page, `${layers * heads} heads`);
    const size = await mapSize(page);
    const tokens = analysis.tokens.length;
    const all = Array.from({ length: layers * heads }, (_, i) => ({ layer: Math.floor(i / heads), head: i % heads }));
    const { areas, side } = places({ heads: all, groups: [{ title: '', heads: all.map((_, i) => i) }], perRow: heads, ...size });
    for (const [i, { layer, head }] of all.entries()) {
      const { data } = file.slice('attentions', [layer, head]);
      const area = areas.get(i);
      const cells = Array.from(data, (value, at) => ({ value, x: area.x + (((at % tokens) + 0.5) / tokens) * side, y: area.y + ((Math.floor(at / tokens) + 0.5) / tokens) * side, name: `layer ${layer}, head ${head}, cell ${at}` }));
      await assertColours(page, cells, largest(data));
    }
  }),
);

test('heads are put in the order of what the server says of them', { skip }, () =>
  withPanel(async (page, { analysis }) => {
    await tab(page, 'Model');
    for (const [wanted, said] of [['focus', 'by the mean entropy'], ['pattern', 'at least 40 %'], ['cluster', 'hang together']]) {
      await select(page, 'Order of heads', wanted);
      await page.waitForFunction((words) => document.querySelector('.caption').textContent.includes(words), said);
    }
    const groups = () => page.locator('.caption').innerText();
    assert.match(await groups(), /in \d+ groups/);
    const before = (await groups()).match(/in (\d+) groups/)[1];
    await page.getByLabel('Cut groups off the tree at this share of its height').fill('0.2');
    await page.waitForFunction((count) => !document.querySelector('.caption').textContent.includes(`in ${count} groups`), before);
    assert.ok(Number((await groups()).match(/in (\d+) groups/)[1]) > Number(before));
    // A click opens the head in the map.
    await page.locator('.map').focus();
    await page.keyboard.press('ArrowRight');
    await settled(page);
    const tip = await page.locator('.tip').innerText();
    await page.keyboard.press('Enter');
    const [, layer, head] = tip.match(/layer (\d+), head (\d+)/);
    await drawn(page, `Attention, each head, layer ${layer} of ${analysis.model.layers}, head ${head}`);
  }),
);

test('a token layer by layer has the colours of its rows', { skip }, () =>
  withPanel(async (page, { file, analysis }) => {
    await tab(page, 'Layers');
    await drawn(page, 'of [MASK], layer by layer');
    const [tokens, layers] = [analysis.tokens.length, analysis.model.layers];
    const row = analysis.tokens.findIndex((token) => token.text === '[MASK]');
    const data = new Float32Array(layers * tokens);
    for (let layer = 0; layer < layers; layer++) data.set(file.slice('attention_mean', [layer]).data.subarray(row * tokens, (row + 1) * tokens), (layers - 1 - layer) * tokens);
    const matrix = { rows: lines(layers), columns: lines(tokens), data, square: false };
    await assertColours(page, cellsOf(matrix, await mapSize(page)), largest(data));
    await page.mouse.move(0, 0);
    const size = await mapSize(page);
    const area = areaOf({ ...size, matrix, viewport: new Viewport() }, { row: 1, column: 2 });
    await page.locator('.map').click({ position: { x: area.x + 3, y: area.y + 3 } });
    await drawn(page, 'of key, layer by layer');
  }),
);

test('what was pointed at in one picture does not disturb another of fewer rows', { skip }, () =>
  withPanel(async (page, { analysis }) => {
    await tab(page, 'Lines');
    await page.waitForFunction(() => document.querySelector('.map').getAttribute('aria-roledescription') === 'line diagram');
    await page.locator('.map').focus();
    for (let i = 0; i < analysis.model.layers + 3; i++) await page.keyboard.press('ArrowDown');
    await settled(page);
    for (const [name, title] of [['Layers', 'layer by layer'], ['Model', 'heads'], ['Flow', 'Rollout of'], ['Map', 'mean of heads, layer']]) {
      await tab(page, name);
      await drawn(page, title);
    }
  }),
);

test('two methods stand side by side, and their difference has signed colours', { skip }, () =>
  withPanel(async (page, opened) => {
    const { file, analysis } = opened;
    const [tokens, layer] = [analysis.tokens.length, analysis.model.layers - 1];
    await select(page, 'Second method', 'rollout');
    await drawn(page, ' | Attention rollout');
    const { width, height } = await mapSize(page);
    const half = { width, height: Math.floor(height / 2) - 22 };
    for (const [side, id] of [[0, 'attention_mean'], [1, 'rollout']]) {
      const { data } = file.slice(id, [layer]);
      await assertColours(page, cellsOf({ rows: lines(tokens), columns: lines(tokens), data, square: true }, half, 0, side * Math.floor(height / 2) + 22), largest(data));
    }
    await page.getByLabel('Difference').check();
    await drawn(page, 'less Attention, mean of heads');
    const { data } = await stored(opened, 'attention/difference', { analysis: analysis.id, first: 'attention_mean', second: 'rollout' }, 'difference', [layer]);
    for (let row = 0; row < tokens; row++) assert.ok(Math.abs(data.subarray(row * tokens, (row + 1) * tokens).reduce((a, b) => a + b, 0)) < 1e-5);
    await assertColours(page, cellsOf({ rows: lines(tokens), columns: lines(tokens), data, square: true }, await mapSize(page)), largest(data), true);
    await select(page, 'Second method', '');
    await drawn(page, 'Attention, mean of heads, layer 4 of 4');
  }),
);

test('the flow picture comes from the token on the right and goes to the one on the left', { skip }, () =>
  withPanel(async (page, opened) => {
    const { analysis } = opened;
    const { layers } = analysis.model;
    await tab(page, 'Flow');
    await drawn(page, `Rollout of [MASK], ${layers} layers`);
    const place = (layer, token) => mapSize(page).then((size) => areaOfNode({ tokens: analysis.tokens, layers, ...size }, { layer, token }));
    const click = async (layer, token, dx) => {
      const area = await place(layer, token);
      await page.locator('.map').click({ position: { x: area.x + dx, y: area.y + area.height / 2 } });
    };
    await click(layers, 2, 40);
    await drawn(page, `Rollout of key, ${layers} layers`);
    await click(0, 7, -30);
    await drawn(page, `Maximum flow of key to cabinet, ${layers} layers`);
    const total = await stored(opened, 'attention/flow', { analysis: analysis.id, edges: 'flow', source: 2, sink: 7 }, 'total');
    assert.ok((await page.locator('.caption').innerText()).includes(`At most ${total.data[0].toFixed(3)}`));
    // The widest pipe of the bottleneck has the second colour in its middle.
    const { data: cut } = await stored(opened, 'attention/flow', { analysis: analysis.id, edges: 'flow', source: 2, sink: 7 }, 'cut');
    assert.ok(cut.length > 0);
    assert.ok(Math.abs(cut.reduce((sum, value, i) => sum + (i % 4 === 3 ? value : 0), 0) - total.data[0]) < 1e-5);
    await select(page, 'Layer', '1');
    await drawn(page, 'Maximum flow of key to cabinet, 2 layers');
    await select(page, 'What lines carry', 'attention');
    await drawn(page, 'Attention of key, 2 layers');
  }),
);

/** What the extension asks for when a picture is exported. */
async function exported(page, sent, send, format) {
  const id = 1000 + sent.length;
  await send({ type: 'picture', id, format });
  for (let tries = 0; tries < 100; tries++) {
    const saved = sent.find((message) => message.type === 'save' && message.id === id);
    if (saved) return Buffer.from(saved.content, 'base64');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no ${format} came`);
}

for (const [name, kind] of Object.entries({ Map: 'heat map', Lines: 'line diagram', Model: 'overview of heads', Flow: 'flow diagram', Neurons: 'neuron diagram' }))
  test(`${name}: SVG and PNG of the same picture agree`, { skip }, () =>
    withPanel(
      async (page, { sent, send }) => {
        await tab(page, name);
        await page.waitForFunction((wanted) => document.querySelector('.map').getAttribute('aria-roledescription') === wanted, kind);
        await settled(page);
        const [png, svg] = [await exported(page, sent, send, 'png'), await exported(page, sent, send, 'svg')];
        const { share, pixels } = await page.evaluate(
          async ([first, second]) => {
            const read = async (type, content) => {
              const image = new Image();
              image.src = `data:${type};base64,${content}`;
              await image.decode();
              const canvas = document.createElement('canvas');
              return { image, canvas, context: canvas.getContext('2d', { willReadFrequently: true }) };
            };
            const [a, b] = [await read('image/png', first), await read('image/svg+xml', second)];
            const [width, height] = [a.image.width, a.image.height];
            const data = [a, b].map(({ image, canvas, context }) => {
              [canvas.width, canvas.height] = [width, height];
              context.drawImage(image, 0, 0);
              return context.getImageData(0, 0, width, height).data;
            });
            let unlike = 0;
            for (let at = 0; at < data[0].length; at += 4) if ([0, 1, 2].some((c) => Math.abs(data[0][at + c] - data[1][at + c]) > 64)) unlike++;
            return { share: unlike / (width * height), pixels: width * height };
          },
          [png.toString('base64'), svg.toString('base64')],
        );
        assert.ok(pixels > 100_000);
        // Letters come from other fonts, and edges are smoothed otherwise; a picture is hardly taller than what is drawn in it.
        assert.ok(share < 0.04, `${(100 * share).toFixed(2)} % of ${name} differ`);
      },
      { theme: 'vscode-light' },
    ),
  );
