// Draws the pictures of docs/methods from the bundled model, with the panel's own views: run it when views, methods or models change.
// usage: npm run build && node scripts/pictures.mjs
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const text = 'The keys to the old cabinet [MASK] on the table.';
const size = { width: 460, height: 400 };

async function load(path) {
  const made = await build({ entryPoints: [join(root, 'media', path)], bundle: true, format: 'esm', platform: 'neutral', write: false, logLevel: 'silent' });
  return import(`data:text/javascript;base64,${Buffer.from(made.outputFiles[0].contents).toString('base64')}`);
}

const { heatmap } = await load('views/heatmap.ts');
const { lines } = await load('views/lines.ts');
const { heads } = await load('views/heads.ts');
const { flow } = await load('views/flow.ts');
const { plane } = await load('views/plane.ts');
const { matrixFor, headNames } = await load('pictures/matrices.ts');
const { Viewport } = await load('toolkit/viewport.ts');
const { Safetensors } = await load('data/safetensors.ts');
const { print, svg } = await load('scene/svg.ts');

const work = mkdtempSync(join(tmpdir(), 'attention-pictures-'));
const page = join(work, 'all.html');
const { status, stderr } = spawnSync(join(root, 'bin', 'attention'), ['analyze', text, '--method', 'all', '--output', page, '--cache', work, '--quiet'], { encoding: 'utf8' });
if (status !== 0) throw new Error(stderr);
const html = readFileSync(page, 'utf8');
const content = (id) => new RegExp(`id="${id}">([^<]*)<`).exec(html)[1];
const { analysis } = JSON.parse(content('attention-data'));
const bytes = Buffer.from(content('attention-tensors'), 'base64');
const file = new Safetensors(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
const source = { slice: async (tensor, index) => file.slice(tensor, index) };
rmSync(work, { recursive: true });

// Letters of Helvetica are a little over half as wide as they are high.
const measure = (label) => label.length * 6.6;
const around = { ...size, measure, highlighted: [], viewport: new Viewport() };
const last = analysis.model.layers - 1;

async function picture(name, map, choice = {}, draw = (matrix) => heatmap({ ...around, matrix, selected: [] })) {
  const info = analysis.maps.find((known) => known.id === map);
  const { matrix } = await matrixFor({ analysis, source, map: info, choice: { map, layer: last, ...choice } });
  const scene = draw(matrix);
  const layered = ['map', 'headMaps', 'headTokens'].includes(info.axes);
  const where = `${layered ? `, layer ${(choice.layer ?? last) + 1}` : ''}${choice.head === undefined ? '' : `, head ${choice.head + 1}`}`;
  const legend = scene.items.some((item) => item.kind === 'texture') ? { range: matrix.range, diverging: matrix.diverging } : undefined;
  write(name, svg(scene, print, `${info.title}${where} · ${analysis.model.name}`, legend));
}

function write(name, text, into = 'docs/methods/images') {
  mkdirSync(join(root, into), { recursive: true });
  writeFileSync(join(root, into, `${name}.svg`), text);
  console.log(`${into}/${name}.svg`);
}

await picture('attention', 'attentions', { layer: 1, head: 1 });
await picture('rollout', 'rollout');
await picture('norms', 'n_resln');
await picture('globenc', 'globenc');
await picture('mixing', 'mix_n_resln');
await picture('alti', 'alti_rollout');
await picture('value-zeroing', 'vz');
await picture('flow', 'flow');
await picture('gradients', 'grad_x_input');
await picture('integrated-gradients', 'ig_mask_gl');
await picture('attention-gradients', 'attgrad', { head: 0 });
await picture('blank-out', 'blank_prob_drop');
await picture('baseline', 'random');
await picture('lines', 'attentions', { layer: 1, head: 0 }, (matrix) =>
  lines({ ...around, lines: matrix.rows, strands: [{ title: 'head 1', data: matrix.data, ink: { series: 0 } }], threshold: 0.05, allowed: () => true, pinned: [] }),
);
const { data } = await source.slice('mds_smacof', []);
const points = headNames(analysis).map(({ label }, i) => ({ label, x: data[2 * i], y: data[2 * i + 1], series: Math.floor(i / analysis.model.heads) }));
write('heads', svg(plane({ ...size, points }), print, `Heads in the plane · ${analysis.model.name}`));

// The pictures of the walkthrough.
const walkthrough = 'media/walkthrough';
const name = analysis.model.name;
const whole = async (tensor) => (await source.slice(tensor, [])).data;
const mapOf = async (id, choice) => (await matrixFor({ analysis, source, map: analysis.maps.find((known) => known.id === id), choice: { map: id, layer: last, ...choice } })).matrix;
write('map', svg(heatmap({ ...around, matrix: await mapOf('alti_rollout'), selected: [] }), print, `ALTI · ${name}`), walkthrough);
write('explain', svg(heatmap({ ...around, height: 150, matrix: await mapOf('grad_x_input'), selected: [] }), print, `Gradient × input · ${name}`), walkthrough);
const line = await mapOf('attentions', { layer: 1, head: 0 });
write('lines', svg(lines({ ...around, lines: line.rows, strands: [{ title: 'head 1', data: line.data, ink: { series: 0 } }], threshold: 0.05, allowed: () => true, pinned: [] }), print, `Attention, layer 2, head 1 · ${name}`), walkthrough);
const [shares, attention, parts] = [await whole('head_patterns'), await whole('attentions'), analysis.maps.find((map) => map.id === 'head_patterns').parts];
const [count, cells] = [analysis.model.layers * analysis.model.heads, analysis.tokens.length ** 2];
const all = Array.from({ length: count }, (_, i) => ({ layer: Math.floor(i / analysis.model.heads), head: i % analysis.model.heads, data: attention.subarray(i * cells, (i + 1) * cells), note: '' }));
const strongestOf = (i) => parts.reduce((best, _, at) => (shares[i * parts.length + at] > shares[i * parts.length + best] ? at : best), 0);
const groups = parts.map((title, at) => ({ title, heads: all.map((_, i) => i).filter((i) => strongestOf(i) === at) })).filter((group) => group.heads.length > 0);
write('heads', svg(heads({ key: 'heads', heads: all, size: analysis.tokens.length, diverging: false, groups, asLines: false, ...size }), print, `Heads by pattern · ${name}`), walkthrough);
const answer = spawnSync(join(root, 'bin', 'attention'), ['flow', text, '--token', '8', '--input', '2', '--edges', 'rollout', '--json', '--quiet'], { encoding: 'utf8' });
const { carried, layers } = JSON.parse(answer.stdout);
const most = Math.max(...carried.map((edge) => edge.amount));
const edges = carried.map(({ layer, to, from, amount }) => ({ layer: layer - 1, to, from, share: amount / most, value: amount, full: false })).sort((a, b) => b.share - a.share);
const arrived = Array.from({ length: layers + 1 }, (_, layer) => Float32Array.from(analysis.tokens, (_, token) => edges.reduce((sum, edge) => sum + (layer < layers ? (edge.layer === layer && edge.from === token ? edge.value : 0) : edge.layer === layers - 1 && edge.to === token ? edge.value : 0), 0)));
write('flow', svg(flow({ ...around, tokens: analysis.tokens.map((token) => token.text), layers, edges, arrived, source: 8 }), print, `Rollout of [MASK] · ${name}`), walkthrough);
