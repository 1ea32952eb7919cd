// A training on its page: pixels are the losses, keys do what the mouse does, its buttons fit what can be done, and everybody can read it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { coloursAt, mapSize, settled, skip } from './chromium.mjs';
import { load, root } from './modules.mjs';
import { madeUpTraining, studies } from './studies.mjs';

const { series } = await load('scene/colour.ts');
const { lossArea, lossCurve, lossPlace, lossPointAt, lossRange } = await load('views/lossCurve.ts');
const { moved } = await load('scene/scene.ts');
const { svg } = await load('scene/svg.ts');
const { ticks } = await load('toolkit/ticks.ts');

let host;
before(async () => {
  if (!skip) host = await studies();
});
after(() => host?.close());

async function withPage(report, work, options) {
  const opened = await host.open({ type: 'training', report }, options);
  try {
    await work(opened.page, opened);
    assert.deepEqual(opened.seen, { problems: [], outside: [] });
  } finally {
    await opened.close();
  }
}

const rgb = (text) => text.match(/\d+/g).slice(0, 3).map(Number);
const near = (a, b, by) => a.every((part, i) => Math.abs(part - b[i]) <= by);
const colourOf = (page, variable) => page.evaluate((name) => {
  const probe = document.body.appendChild(document.createElement('span'));
  probe.style.color = `var(${name})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}, variable);
/** Buttons that can be seen. */
const buttons = async (page) => (await page.locator('.controls button:visible').allInnerTexts()).map((text) => text.trim());

async function assertAccessible(page) {
  await page.addScriptTag({ path: join(root, 'node_modules', 'axe-core', 'axe.min.js') });
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  assert.deepEqual(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => [id, nodes[0].html]), []);
  assert.ok(!(await page.evaluate(() => document.body.scrollWidth > document.body.clientWidth)), 'the page is wider than it is shown');
}

test('ticks are round, lie between the ends, and are about as many as wanted', () => {
  for (const [range, about, expected] of [[[0, 250], 6, [0, 50, 100, 150, 200, 250]], [[0.93, 4.1], 5, [1, 2, 3, 4]], [[0.1, 0.4], 3, [0.1, 0.2, 0.3, 0.4]], [[-1, 1], 4, [-1, -0.5, 0, 0.5, 1]], [[2, 2], 4, [2]]]) assert.deepEqual(ticks(range, about), expected);
});

test('the scene has every number inside its frame, and the nearest point is found', () => {
  for (const report of [madeUpTraining(), madeUpTraining({ each: 10 }), { ...madeUpTraining({ steps: 1 }), looks: [] }, { ...madeUpTraining(), points: [], looks: [] }]) {
    const input = { ...report, width: 500, height: 300 };
    const area = lossArea(input);
    const scene = lossCurve(input);
    for (const [x, y] of scene.items.flatMap((item) => (item.kind === 'line' ? item.points : item.kind === 'disc' ? [[item.x, item.y]] : []))) assert.ok(x >= area.x && x <= area.x + area.width && y >= area.y && y <= area.y + area.height, `${x} ${y}`);
    assert.equal(scene.items.filter(({ kind }) => kind === 'disc').length, report.looks.length);
    report.points.forEach((point, i) => assert.equal(lossPointAt(input, ...lossPlace(input, (point.first + point.step) / 2, point.loss)), i));
    assert.equal(lossPointAt(input, area.x + area.width / 2, area.y + area.height + 20), undefined);
    const numbers = scene.items.filter((item) => item.kind === 'label' && item.axis === 'rows').map(({ text }) => Number(text));
    const [low, high] = lossRange(input);
    assert.ok(numbers.length >= 2 && numbers.every((number) => number >= low && number <= high), `${numbers}`);
  }
});

test('lines are moved with a scene, and written as SVG', () => {
  const scene = lossCurve({ ...madeUpTraining(), width: 500, height: 300 });
  const lines = ({ items }) => items.filter(({ kind }) => kind === 'line');
  assert.deepEqual(lines(moved(scene, 10, 20)).map(({ points }) => points[3]), lines(scene).map(({ points: { 3: [x, y] } }) => [x + 10, y + 20]));
  const paper = { scale: 'light', background: '#ffffff', font: '12px sans-serif', colours: { foreground: '#000000', muted: '#616161', accent: '#005fb8', focus: '#000000', edge: '#e5e5e5' } };
  const [raw, smooth] = [...svg(scene, paper, 'A curve').matchAll(/<polyline points="([^"]*)" fill="none" stroke="([^"]*)"/g)];
  assert.deepEqual([raw[2], smooth[2]], ['#616161', '#005fb8']);
  assert.deepEqual(smooth[1].split(' ').length, 2 * 200);
});

for (const [theme, scale] of [['vscode-dark', 'dark'], ['vscode-light', 'light'], ['vscode-high-contrast', 'contrast']])
  test(`the curve is where the losses are, in the colours of ${theme}`, { skip }, () =>
    withPage(madeUpTraining(), async (page) => {
      await settled(page);
      const report = madeUpTraining();
      const input = { ...report, ...(await mapSize(page)) };
      const accent = rgb(await colourOf(page, '--accent'));
      const smooth = report.points.filter((_, i) => i % 10 === 5).map((point) => lossPlace(input, point.step, point.smoothed));
      const seen = await coloursAt(page, smooth);
      // A look or a line of single steps may lie on some of them.
      assert.ok(seen.filter((colour) => near(colour, accent, 60)).length >= 0.8 * seen.length, `${seen.join(' | ')} instead of ${accent}`);
      const looks = await coloursAt(page, report.looks.map(({ step, loss }) => lossPlace(input, step, loss)));
      for (const colour of looks) assert.ok(near(colour, rgb(series(scale, 1)), 4), `${colour}`);
      const page0 = rgb(await colourOf(page, '--page'));
      // Nothing is drawn where no step has been yet.
      const area = lossArea(input);
      const empty = await coloursAt(page, [0.3, 0.5, 0.7].map((share) => [lossPlace(input, 240, 1)[0], area.y + share * area.height + 0.5]));
      assert.ok(empty.some((colour) => near(colour, page0, 3)), `${empty}`);
    }, { theme }),
  );

test('mouse and keys tell the numbers of a step', { skip }, () =>
  withPage(madeUpTraining(), async (page) => {
    const report = madeUpTraining();
    const map = page.locator('.map');
    const input = { ...report, ...(await mapSize(page)) };
    const [x, y] = lossPlace(input, 77, report.points[76].smoothed);
    await map.hover({ position: { x, y } });
    await settled(page);
    const told = `step 77   loss ${report.points[76].loss.toFixed(3)}   smoothed ${report.points[76].smoothed.toFixed(3)}   rate ${report.points[76].rate.toExponential(1)}`;
    assert.equal(await page.locator('.map .tip').innerText(), told);
    await map.focus();
    await page.keyboard.press('ArrowRight');
    await settled(page);
    assert.match(await page.locator('.map .tip').innerText(), /^step 78 /);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await settled(page);
    assert.match(await page.locator('.map [aria-live]').innerText(), /^step 120, loss \d\.\d{3}, .*, dev loss 1\.900, 45\.0 % right \(kept\)$/);
    await page.keyboard.press('ArrowUp');
    await settled(page);
    assert.match(await page.locator('.map .tip').innerText(), /^step 80 /);
  }),
);

test('a point of several steps says which, and the curve can be read without seeing it', { skip }, () =>
  withPage(madeUpTraining({ each: 10 }), async (page) => {
    await page.locator('.map').focus();
    await page.keyboard.press('ArrowRight');
    await settled(page);
    assert.match(await page.locator('.map .tip').innerText(), /^steps 1 to 10   mean loss \d\.\d{3} \(\d\.\d{3} to \d\.\d{3}\)/);
    const words = page.locator('.picture .visually-hidden table');
    const rows = await words.locator('tbody th').allInnerTexts();
    assert.ok(rows.length > 5 && rows.length <= 13 && rows.at(-1).includes('200'), `${rows}`);
    const looks = await page.locator('.part', { hasText: 'Looks at the dev set' }).locator('tbody tr').allInnerTexts();
    assert.match(looks[0], /^200\s+2\.300\s+55\.0 %/);
    assert.match(looks[2], /^120\s+1\.900\s+45\.0 %\s+kept/);
  }),
);

test('its buttons fit what can be done', { skip }, () =>
  withPage(madeUpTraining(), async (page, { send, sent }) => {
    assert.deepEqual(await buttons(page), ['Go On']);
    await page.getByRole('button', { name: 'Go On' }).click();
    await send({ type: 'status', busy: 'step 201 of 250 · loss 1.200' });
    await page.getByText('step 201 of 250').waitFor();
    assert.deepEqual(await buttons(page), ['Stop']);
    await page.getByRole('button', { name: 'Stop' }).click();
    await send({ type: 'status' });
    await send({ type: 'training', report: { ...madeUpTraining({ state: 'finished', steps: 250 }), progress: '250 steps' } });
    await page.getByText('250 steps', { exact: true }).waitFor();
    assert.deepEqual(await buttons(page), ['Use This Model', 'Reveal in File Explorer']);
    for (const name of await buttons(page)) await page.getByRole('button', { name }).click();
    for (const type of ['resume', 'cancel', 'use', 'reveal']) assert.equal((await sent(type)).length, 1, type);
    await send({ type: 'status', error: 'training my-model: somewhere: a way out' });
    await page.getByText('a way out').waitFor();
    await page.waitForTimeout(300);
    assert.deepEqual(await page.evaluate(() => window.kept), { training: 'my-model' });
  }),
);

for (const [name, options] of [['dark', {}], ['light', { theme: 'vscode-light' }], ['high contrast', { theme: 'vscode-high-contrast' }], ['narrow', { width: 300 }], ['200 %', { width: 500, height: 450 }]])
  test(`everybody can read it: ${name}`, { skip }, () =>
    withPage(madeUpTraining(), async (page) => {
      await assertAccessible(page);
      if (process.env.ATTENTION_SCREENSHOTS) await page.screenshot({ path: join(process.env.ATTENTION_SCREENSHOTS, `training-${name.replaceAll(' ', '-')}.png`) });
    }, options),
  );

test('a training that has not done a step yet is an empty frame, without trouble', { skip }, () =>
  withPage({ ...madeUpTraining({ state: 'working' }), step: 0, total: 0, points: [], looks: [], kept: undefined, notes: [], progress: 'reading model and data' }, async (page, { send }) => {
    assert.deepEqual(await buttons(page), []);
    await send({ type: 'status', busy: 'Reading texts' });
    await page.getByText('Reading texts').waitFor();
    await page.locator('.map').focus();
    await page.keyboard.press('ArrowRight');
    assert.deepEqual(await buttons(page), ['Stop']);
    await assertAccessible(page);
  }),
);
