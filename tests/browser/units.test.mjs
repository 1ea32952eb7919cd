// The views' pure parts: labels, the viewport, colour scales and the tensor reader.
import assert from 'node:assert/strict';
import test from 'node:test';
import { load } from './modules.mjs';
import { random, safetensors } from './synthetic.mjs';

const { thin, fit, readable, number, shorter } = await load('toolkit/labels.ts');
const { Viewport } = await load('toolkit/viewport.ts');
const { table, css } = await load('scene/colour.ts');
const { Safetensors, widen } = await load('data/safetensors.ts');

test('thinned labels keep their distance, stay in view and name what is pointed at', () => {
  const next = random(1);
  for (let round = 0; round < 2000; round++) {
    const count = 1 + Math.floor(next() * 512);
    const cell = 0.3 + next() * 40;
    const start = -next() * count * cell * 0.5;
    const centres = Array.from({ length: count }, (_, i) => start + (i + 0.5) * cell);
    const always = Array.from({ length: Math.floor(next() * 4) }, () => Math.floor(next() * count));
    const spacing = 10 + next() * 15;
    const shown = thin(centres, spacing, 0, 600, always);
    for (let i = 0; i < shown.length; i++) {
      assert.ok(centres[shown[i]] >= 0 && centres[shown[i]] <= 600);
      if (i > 0) assert.ok(centres[shown[i]] - centres[shown[i - 1]] >= spacing - 1e-3, `labels ${shown[i - 1]} and ${shown[i]} are too near`);
    }
    const first = always.find((i) => centres[i] >= 0 && centres[i] <= 600);
    if (first !== undefined) assert.ok(shown.includes(first), 'what is pointed at first has no label');
    if (cell >= spacing && always.length === 0) assert.equal(shown.length, centres.filter((c) => c >= 0 && c <= 600).length);
  }
});

test('a text is cut to the longest start that fits, never inside a letter', () => {
  const measure = (text) => [...text].length;
  assert.equal(fit('token', 5, measure), 'token');
  assert.equal(fit('tokens', 5, measure), 'toke…');
  assert.equal(fit('🙂🙂🙂🙂', 3, measure), '🙂🙂…');
  assert.equal(fit('token', 0, measure), '…');
});

test('white space is made visible and small numbers are not called nothing', () => {
  assert.equal(readable('\n'), '⏎');
  assert.equal(readable('a\tb'), 'a⇥b');
  assert.equal(readable('  '), '␣');
  assert.deepEqual([0, 0.0004, 0.0005, 0.25, 1].map(number), ['0', '<0.001', '0.001', '0.250', '1.000']);
  assert.deepEqual([0, 0.004, -0.004, 0.005, -0.25].map(shorter(2)), ['0', '≈0', '≈0', '0.01', '−0.25']);
});

test('the viewport stays inside the map whatever is done to it', () => {
  const next = random(2);
  const view = new Viewport();
  for (let round = 0; round < 5000; round++) {
    const what = Math.floor(next() * 3);
    if (what === 0) view.zoomAt(0.3 + next() * 3, next(), next(), 20);
    else if (what === 1) view.pan(next() * 4 - 2, next() * 4 - 2);
    else {
      const [row, column] = [Math.floor(next() * 64), Math.floor(next() * 64)];
      view.reveal(row, column, 64, 64);
      if (view.zoom <= 64) {
        assert.ok(view.x <= column / 64 + 1e-9 && view.x + 1 / view.zoom >= (column + 1) / 64 - 1e-9, 'the column is out of view');
        assert.ok(view.y <= row / 64 + 1e-9 && view.y + 1 / view.zoom >= (row + 1) / 64 - 1e-9, 'the row is out of view');
      }
    }
    assert.ok(view.zoom >= 1 && view.zoom <= 20);
    assert.ok(view.x >= 0 && view.y >= 0 && view.x + 1 / view.zoom <= 1 + 1e-9 && view.y + 1 / view.zoom <= 1 + 1e-9);
  }
  view.reset();
  view.zoomAt(4, 0.25, 0.75, 20);
  const place = [view.x + 0.25 / view.zoom, view.y + 0.75 / view.zoom];
  assert.deepEqual(place, [0.25, 0.75]);
});

for (const [name, direction] of [['dark', 1], ['light', -1], ['contrast', 1]])
  test(`lightness of the ${name} scale moves one way, and every colour stands for one score`, () => {
    const colours = table(name);
    const seen = new Set();
    let before;
    for (let i = 0; i < 256; i++) {
      const rgb = [...colours.subarray(i * 4, i * 4 + 3)];
      seen.add(`${rgb}`);
      const now = lightness(rgb);
      // Eight bits a channel move lightness by a few thousandths.
      if (before !== undefined) assert.ok(direction * (now - before) > -0.002, `lightness turns back at step ${i}`);
      before = now;
      assert.equal(colours[i * 4 + 3], 255);
      if (i >= 8) assert.ok(direction * (now - lightness([...colours.subarray((i - 8) * 4, (i - 8) * 4 + 3)])) > 0, `lightness stands still at step ${i}`);
    }
    assert.ok(seen.size >= 250, `only ${seen.size} different colours`);
    assert.equal(css(name, 1), `rgb(${colours[1020]}, ${colours[1021]}, ${colours[1022]})`);
    assert.equal(css(name, -1), css(name, 0));
  });

test('every 16-bit float is widened exactly', () => {
  const bits = new DataView(new ArrayBuffer(4));
  const wide = widen(Uint16Array.from({ length: 65536 }, (_, i) => i));
  for (let half = 0; half < 65536; half++) {
    const [sign, exponent, fraction] = [(half >> 15) << 31, (half >> 10) & 31, half & 1023];
    let expected;
    if (exponent === 31 && fraction) expected = NaN;
    else if (exponent === 0 && fraction) {
      // A subnormal half is a normal single: its leading one becomes implicit.
      const shift = Math.clz32(fraction) - 21;
      bits.setInt32(0, sign | ((113 - shift) << 23) | (((fraction << shift) & 1023) << 13));
      expected = bits.getFloat32(0);
    } else {
      bits.setInt32(0, sign | ((exponent === 31 ? 255 : exponent ? exponent + 112 : 0) << 23) | (fraction << 13));
      expected = bits.getFloat32(0);
    }
    if (!Object.is(wide[half], expected)) assert.fail(`half ${half} became ${wide[half]}, not ${expected}`);
  }
});

test('parts of tensors are read by index, and what is missing is said', () => {
  const data = Float32Array.from({ length: 24 }, (_, i) => i / 7);
  const file = new Safetensors(safetensors({ a: { shape: [2, 3, 4], data } }).buffer);
  assert.deepEqual(file.slice('a', [1, 2]), { shape: [4], data: data.slice(20, 24) });
  assert.deepEqual(file.slice('a', []).shape, [2, 3, 4]);
  assert.throws(() => file.slice('b', []), /no tensor 'b'/);
  assert.throws(() => file.slice('a', [2]), /no index 2 on axis 0/);
});

/** OKLab lightness of an sRGB colour. */
function lightness(rgb) {
  const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return (
    0.2104542553 * Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) +
    0.793617785 * Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) -
    0.0040720468 * Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  );
}
