// Draws the pictures of docs/methods from the bundled model, with the panel's own views: run it when views, methods or models change.
// usage: npm run build && node scripts/pictures.mjs
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const text = 'The keys to the old cabinet [MASK] on the table.';
const folder = join(root, 'docs', 'methods', 'images');
const size = { width: 460, height: 400 };

async function load(path) {
  const made = await build({ entryPoints: [join(root, 'media', path)], bundle: true, format: 'esm', platform: 'neutral', write: false, logLevel: 'silent' });
  return import(`data:text/javascript;base64,${Buffer.from(made.outputFiles[0].contents).toString('base64')}`);
}

const { heatmap } = await load('views/heatmap.ts');
const { lines } = await load('views/lines.ts');
const { plane } = await load('views/plane.ts');
const { matrixFor, headNames } = await load('panel/matrices.ts');
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
mkdirSync(folder, { recursive: true });

async function picture(name, map, choice = {}, draw = (matrix) => heatmap({ ...around, matrix, selected: [] })) {
  const info = analysis.maps.find((known) => known.id === map);
  const { matrix } = await matrixFor({ analysis, source, map: info, choice: { map, layer: last, ...choice } });
  const scene = draw(matrix);
  const layered = ['map', 'headMaps', 'headTokens'].includes(info.axes);
  const where = `${layered ? `, layer ${(choice.layer ?? last) + 1}` : ''}${choice.head === undefined ? '' : `, head ${choice.head + 1}`}`;
  const legend = scene.items.some((item) => item.kind === 'texture') ? { range: matrix.range, diverging: matrix.diverging } : undefined;
  write(name, svg(scene, print, `${info.title}${where} · ${analysis.model.name}`, legend));
}

function write(name, text) {
  writeFileSync(join(folder, `${name}.svg`), text);
  console.log(`docs/methods/images/${name}.svg`);
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
