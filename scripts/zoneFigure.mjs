// Draws the figure of docs/ZONES.md: the published zones of BERT-base beside a sweep of the five bundled seeds, each as the panel draws maps.
// usage: npm run build && node scripts/zoneFigure.mjs PAPER.csv DEV.json [QUESTIONS]   (layer,ALL,Q2,Q2P,P2Q,P2: changes of EM in points)
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const [paper, data, questions = '1000'] = process.argv.slice(2);
if (!paper || !data) throw new Error('usage: node scripts/zoneFigure.mjs PAPER.csv DEV.json [QUESTIONS]');
const zones = ['ALL', 'Q2', 'Q2P', 'P2Q', 'P2'];

async function load(path) {
  const made = await build({ entryPoints: [join(root, 'media', path)], bundle: true, format: 'esm', platform: 'neutral', write: false, logLevel: 'silent' });
  return import(`data:text/javascript;base64,${Buffer.from(made.outputFiles[0].contents).toString('base64')}`);
}
const { heatmap } = await load('views/heatmap.ts');
const { Viewport } = await load('toolkit/viewport.ts');
const { print, svg } = await load('scene/svg.ts');

/** Layers upward, as the paper has them. */
function draw(name, title, rows, height) {
  const layers = [...rows.keys()].sort((a, b) => b - a);
  const values = layers.flatMap((layer) => rows.get(layer));
  const most = Math.max(...values.map(Math.abs));
  const matrix = {
    key: name,
    rows: layers.map((layer) => ({ label: `layer ${layer}`, tokens: [] })),
    columns: zones.map((zone) => ({ label: zone, tokens: [] })),
    data: Float32Array.from(values),
    range: [-most, most],
    diverging: true,
    square: false,
    room: { left: 70, top: 50 },
  };
  const scene = heatmap({ matrix, selected: [], highlighted: [], width: 420, height, viewport: new Viewport(), measure: (label) => label.length * 6.6 });
  const path = join(root, 'docs', 'images', `${name}.svg`);
  writeFileSync(path, svg(scene, print, title, { range: matrix.range, diverging: true }));
  console.log(path);
}

const [header, ...lines] = readFileSync(paper, 'utf8').split('\n').filter((line) => line && !line.startsWith('#')).map((line) => line.split(','));
draw('zones-bert-base', 'BERT-base, ΔEM on SQuAD dev, baseline 80.57, as published', new Map(lines.map((line) => [Number(line[0]), zones.map((zone) => Number(line[header.indexOf(zone)]))])), 340);

const seeds = readdirSync(join(root, 'models')).filter((name) => name.startsWith('attention-mini-qa'));
const { stdout, stderr, status } = spawnSync(join(root, 'bin', 'attention'), ['sweep', 'zones', ...seeds.flatMap((name) => ['--model', name]), '--data', data, '--limit', questions, '--json', '--quiet'], { encoding: 'utf8', maxBuffer: 1 << 26 });
if (status !== 0) throw new Error(stderr);
const report = JSON.parse(stdout);
const cells = new Map(report.cells.filter(({ measure }) => measure === 'em').map(({ zone, layer, mean }) => [`${zone} ${layer}`, mean]));
const baseline = report.models.reduce((sum, { em }) => sum + em, 0) / seeds.length;
draw('zones-attention-mini', `attention-mini-qa, ${seeds.length} seeds, ΔEM on ${report.questions} questions (baseline ${baseline.toFixed(1)})`, new Map(report.layers.map((layer) => [layer + 1, zones.map((zone) => cells.get(`${zone} ${layer}`))])), 190);
