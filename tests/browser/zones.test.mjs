// Zone reports of the real server and a made-up sweep on their page: pixels are the numbers, keys do what the mouse does, and everybody can read it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { coloursAt, mapSize, settled, skip } from './chromium.mjs';
import { load, root } from './modules.mjs';
import { madeUpSweep, studies } from './studies.mjs';

const { table } = await load('scene/colour.ts');
const { areaOf } = await load('views/heatmap.ts');
const { Viewport } = await load('toolkit/viewport.ts');

const question = 'Who designed the garden?';
const passage = 'The palace was enlarged by Louis in 1661. Its garden was designed by Andre, who also drew the park of Vaux.';
const strengths = [0, 0.25, 0.5, 0.75, 1];
let host;
let report;
before(async () => {
  if (skip) return;
  host = await studies();
  report = await host.connection.sendRequest('attention/zones', { question: { text: question }, passage: { text: passage }, strengths });
});
after(() => host?.close());

async function withPage(message, work, options) {
  const opened = await host.open(message, options);
  try {
    await work(opened.page, opened);
    assert.deepEqual(opened.seen, { problems: [], outside: [] });
  } finally {
    await opened.close();
  }
}

const select = async (page, label, value) => {
  await page.getByLabel(label, { exact: true }).selectOption(value);
  await page.waitForFunction((wanted) => document.body.dataset.drawn?.split(' ').includes(wanted), value);
  await settled(page);
};

/** Each cell has the colour of its number, and layers go upward. `value` is undefined where there is none. */
async function assertCells(page, layers, zones, value, most, diverging = true) {
  const lines = (count) => Array.from({ length: count }, (_, i) => ({ label: `${i}`, tokens: [] }));
  const matrix = { rows: lines(layers.length), columns: lines(zones.length), square: false };
  const input = { ...(await mapSize(page)), matrix, viewport: new Viewport() };
  const places = layers.flatMap((layer) => zones.map((zone, column) => ({ layer, zone, area: areaOf(input, { row: layers.length - 1 - layers.indexOf(layer), column }) })));
  // In a corner: numbers stand in the middle.
  const colours = await coloursAt(page, places.map(({ area }) => [area.x + 5, area.y + area.height - 6]));
  const scale = table('dark', diverging);
  const sizes = new Set();
  places.forEach(({ layer, zone }, i) => {
    const number = value(layer, zone);
    const step = number === undefined ? 127.5 : (diverging ? (number / most + 1) / 2 : number / most) * 255;
    const near = [Math.floor(step), Math.ceil(step)].map((at) => [...scale.subarray(4 * at, 4 * at + 3)]);
    for (let c = 0; c < 3; c++)
      assert.ok(colours[i][c] >= Math.min(near[0][c], near[1][c]) - 3 && colours[i][c] <= Math.max(near[0][c], near[1][c]) + 3, `${zone}, layer ${layer}: ${number} of ${most} has ${colours[i]}, not ${near[0]}`);
    sizes.add(colours[i].join());
  });
  assert.ok(sizes.size > 4, 'all cells look alike');
}

async function assertAccessible(page) {
  await page.addScriptTag({ path: join(root, 'node_modules', 'axe-core', 'axe.min.js') });
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  assert.deepEqual(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => [id, nodes[0].html]), []);
  assert.ok(!(await page.evaluate(() => document.body.scrollWidth > document.body.clientWidth)), 'the page is wider than it is shown');
}

const cellOf = (layer, zone, strength) => report.cells.find((cell) => cell.layer === layer && cell.zone === zone && cell.strength === strength);
const most = (delta) => Math.max(...report.cells.map((cell) => Math.abs(cell[delta])));
const zoneIds = () => report.zones.map(({ id }) => id);

test('cells of a zone report have the colours of the changes, for each measure and strength', { skip }, () =>
  withPage({ type: 'zones', report }, async (page) => {
    const said = await page.locator('.answer').innerText();
    assert.ok(said.includes(question) && said.includes(report.answer.text) && said.includes(report.answer.probability.toFixed(3)), said);
    await page.locator('.map').first().hover({ position: { x: 5, y: 5 } });
    for (const [metric, delta] of [['probability', 'deltaProbability'], ['start', 'startDelta'], ['end', 'endDelta']]) {
      await select(page, 'Change of', metric);
      await assertCells(page, report.layers, zoneIds(), (layer, zone) => cellOf(layer, zone, 1)[delta], most(delta));
    }
    await select(page, 'Change of', 'probability');
    await select(page, 'Strength', '0.75');
    await assertCells(page, report.layers, zoneIds(), (layer, zone) => cellOf(layer, zone, 0.75).deltaProbability, most('deltaProbability'));
  }),
);

test('keys walk the cells and choose one; its numbers, answer and curve are told, and its change goes to the panel', { skip }, () =>
  withPage({ type: 'zones', report }, async (page, { sent }) => {
    await page.locator('.map').first().focus();
    // From the cell chosen first to the lowest right, then one up: ALL in layer 2.
    for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowRight');
    for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    const spoken = await page.locator('.map [aria-live]').first().innerText();
    await page.keyboard.press('Enter');
    const cell = cellOf(1, 'ALL', 1);
    const zone = report.zones.find(({ id }) => id === 'ALL');
    assert.match(spoken, new RegExp(`^ALL, layer 2: probability ${cell.deltaProbability < 0 ? '−' : '\\+'}${Math.abs(cell.deltaProbability).toFixed(3)}, ${cell.changed ? 'another answer' : 'the same answer'}`));
    const facts = await page.locator('.cell').innerText();
    for (const part of ['ALL in layer 2', zone.reading, report.answer.text, cell.probability.toFixed(3), Math.abs(cell.startDelta).toFixed(2), cell.changed ? cell.answer.text : 'the same']) assert.ok(facts.includes(part), `${part} is not in ${facts}`);
    await page.getByRole('application', { name: 'Curve of probability over 5 strengths' }).focus();
    for (const strength of strengths) {
      await page.keyboard.press('ArrowRight');
      await settled(page);
      const point = await page.locator('.curve .tip').innerText();
      assert.ok(point.startsWith(`strength ${strength} `) && point.includes(`probability ${cellOf(1, 'ALL', strength).probability.toFixed(2)}`), point);
      assert.equal(point.includes('another answer'), cellOf(1, 'ALL', strength).changed);
    }
    await page.getByRole('button', { name: 'Show this masked run in the panel' }).click();
    assert.deepEqual(await sent('masked'), [{ type: 'masked', edit: { ...zone.edit, layers: [1], strength: 1 }, layer: 1 }]);
  }),
);

test('a click chooses a cell, and what it says can be read without seeing it', { skip }, () =>
  withPage({ type: 'zones', report }, async (page) => {
    const matrix = { rows: report.layers.map(() => ({})), columns: report.zones.map(() => ({})), square: false };
    const area = areaOf({ ...(await mapSize(page)), matrix, viewport: new Viewport() }, { row: 0, column: 2 });
    await page.locator('.map').first().click({ position: { x: area.x + area.width / 2, y: area.y + area.height / 2 } });
    await page.getByRole('heading', { name: `P2Q in layer ${report.layers.length}` }).waitFor();
    const words = page.locator('.picture .visually-hidden table');
    assert.equal(await words.locator('tbody tr').count(), report.layers.length);
    assert.equal(await words.locator('thead th').count(), 1 + report.zones.length);
    for (const cell of report.cells.filter(({ strength }) => strength === 1)) {
      const text = await words.locator('tbody tr').nth(report.layers.length - 1 - cell.layer).locator('td').nth(zoneIds().indexOf(cell.zone)).innerText();
      assert.equal(text.includes('another answer'), cell.changed, text);
    }
  }),
);

test('other zones and another mask are asked for, and trouble is said', { skip }, () =>
  withPage({ type: 'zones', report }, async (page, { sent, send }) => {
    await page.getByLabel('Zones', { exact: true }).selectOption('special');
    await page.getByLabel('And a zone of your own').fill('question <- passage:/\\d{4}/');
    await page.getByLabel('Masked', { exact: true }).selectOption('probability');
    assert.deepEqual((await sent('again')).at(-1), { type: 'again', zones: ['CLS_key', 'SEP_key', 'CLS_query', 'SEP_query'], own: [{ name: 'own', queries: 'question', keys: 'passage:/\\d{4}/' }], mode: 'probability' });
    const { zones, own, mode } = (await sent('again')).at(-1);
    const other = await host.connection.sendRequest('attention/zones', { question: { text: question }, passage: { text: passage }, strengths, zones, own, mode });
    await send({ type: 'status', busy: 'masked passes… 40 %' });
    await page.getByRole('button', { name: 'Cancel' }).click();
    assert.equal((await sent('cancel')).length, 1);
    await send({ type: 'status', error: 'something: somewhere: a way out' });
    await page.getByText('something: somewhere: a way out').waitFor();
    await send({ type: 'zones', report: other });
    await page.getByRole('application', { name: 'by 5 zones' }).waitFor();
    assert.equal(await page.getByLabel('Masked', { exact: true }).inputValue(), 'probability');
  }),
);

test('cells of a sweep have the colours of the numbers: mean, standard error, each model; what is missing has none', { skip }, () => {
  const sweep = madeUpSweep();
  const of = (measure) => sweep.cells.filter((cell) => cell.measure === measure);
  const found = (measure, layer, zone, strength = 1) => of(measure).find((cell) => cell.layer === layer && cell.zone === zone && cell.strength === strength);
  const largest = (measure, number) => Math.max(...of(measure).map((cell) => Math.abs(number(cell))));
  return withPage({ type: 'sweep', report: sweep }, async (page) => {
    for (const measure of ['f1', 'em', 'probability']) {
      await select(page, 'Change of', measure);
      await assertCells(page, sweep.layers, sweep.zones, (layer, zone) => found(measure, layer, zone)?.mean, largest(measure, (cell) => cell.mean));
    }
    await select(page, 'Change of', 'em');
    await select(page, 'Shown', 'error');
    await assertCells(page, sweep.layers, sweep.zones, (layer, zone) => found('em', layer, zone)?.standardError ?? 0, largest('em', (cell) => cell.standardError), false);
    await select(page, 'Shown', '1');
    await assertCells(page, sweep.layers, sweep.zones, (layer, zone) => found('em', layer, zone)?.bySeed[1], largest('em', (cell) => cell.bySeed[1]));
  });
});

test('a sweep tells what is sure by signs, and a cell its interval, models and strengths', { skip }, () =>
  withPage({ type: 'sweep', report: madeUpSweep() }, async (page, { sent, send }) => {
    await page.locator('.map').first().focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
    await settled(page);
    assert.match(await page.locator('.tip').first().innerText(), /^P2, layer 3 {3}\+9\.0 {3}\(\+7\.5 to \+10\.5\) {3}▲$/);
    await page.keyboard.press('Enter');
    const facts = await page.locator('.cell').innerText();
    for (const part of ['P2 in layer 3', '+9.00', '95 % +7.50 to +10.50', 'p < 0.001', 'masking helps here', 'seed-1', '+8.30', '+9.70', 'Dose and response']) assert.ok(facts.includes(part), `${part} is not in ${facts}`);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    assert.match(await page.locator('.cell').innerText(), /ALL in layer 3 is not finished yet/);
    assert.equal(await page.locator('.place').count(), 25);
    assert.equal(await page.locator('.place').first().getAttribute('aria-label'), 'place 1: 80 %');
    const parts = await page.locator('.parts').innerText();
    for (const part of ['seed-2', '72.1', '1. Q2', 'Yes: masking them costs more.', 'EM and F1 agree', 'Two seeds tell little', 'arXiv 2410.20652']) assert.ok(parts.includes(part), `${part} is not in ${parts}`);
    await page.getByRole('button', { name: 'Go On' }).click();
    await page.getByRole('button', { name: 'Export…' }).click();
    assert.deepEqual([(await sent('resume')).length, (await sent('export')).length], [1, 1]);
    await send({ type: 'status', busy: '80 of 84 cells (95 %)' });
    await page.getByRole('button', { name: 'Go On' }).waitFor({ state: 'hidden' });
    await send({ type: 'sweep', report: madeUpSweep({ complete: true }) });
    await send({ type: 'status' });
    await page.getByText('84 of 84 cells').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Go On' }).isHidden());
    // What was chosen stays.
    assert.match(await page.locator('.cell').innerText(), /ALL in layer 3[\s\S]*masking costs here/);
  }),
);

for (const [name, options] of [['dark', {}], ['light', { theme: 'vscode-light' }], ['high contrast', { theme: 'vscode-high-contrast', width: 720 }], ['narrow', { width: 320 }]])
  for (const what of ['zones', 'sweep'])
    test(`axe finds nothing serious on the page of ${what}, ${name}`, { skip }, () => withPage({ type: what, report: what === 'zones' ? report : madeUpSweep() }, assertAccessible, options));
