// Draws a picture of an analysis without a browser, for the terminal: `node figure.mjs REQUEST.json`. The same views, the same scenes, on white paper.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import CanvasKitInit, { type CanvasKit, type Font } from 'canvaskit-wasm';
import type { FigureRequest, MapInfo } from '../protocol/messages';
import { WholeFile } from './data/source';
import { matrixFor, titleOf } from './pictures/matrices';
import { framed, type Scene } from './scene/scene';
import { print, svg } from './scene/svg';
import { Painter } from './skia/painter';
import { drawLabels, measured, typefaces } from './skia/textPainter';
import { Viewport } from './toolkit/viewport';
import { heatmap } from './views/heatmap';
import { heads, type Head } from './views/heads';
import { lines } from './views/lines';

/** Fonts that most systems have one of, where nobody names one. */
const usualFonts = [
  '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
  '/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf',
  '/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf',
  '/System/Library/Fonts/Supplemental/Arial Unicode.ttf',
  '/System/Library/Fonts/Helvetica.ttc',
  'C:\\Windows\\Fonts\\segoeui.ttf',
  'C:\\Windows\\Fonts\\arial.ttf',
];
const letterSize = 12;
/** Letters of Helvetica are a little over half as wide as they are high; where no font is at hand, that must do. */
const usualLetter = 6.6;

async function main(): Promise<void> {
  const request = JSON.parse(readFileSync(process.argv[2], 'utf8')) as FigureRequest;
  const bytes = readFileSync(request.analysis.path);
  const source = new WholeFile(Promise.resolve(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer));
  const png = request.format === 'png';
  const kit = png ? await skia() : undefined;
  const fonts = kit ? fontsOf(kit) : [];
  const measure = kit ? (text: string) => measured(fonts, text) : (text: string) => text.length * usualLetter;
  const { scene, title, scale } = await sceneOf(request, source, measure);
  const caption = `${title} · ${request.analysis.model.name}`;
  const content = kit ? draw(kit, fonts, framed(scene, caption, scale), request.density) : svg(scene, print, caption, scale);
  const unfinished = `${request.output}.part`;
  writeFileSync(unfinished, content);
  renameSync(unfinished, request.output);
}

interface Figure {
  scene: Scene<unknown>;
  title: string;
  scale?: { range: [number, number]; diverging: boolean };
}

async function sceneOf({ analysis, picture, choice, width, height }: FigureRequest, source: WholeFile, measure: (text: string) => number): Promise<Figure> {
  const map = analysis.maps.find((known) => known.id === choice.map);
  if (!map) throw new Error(`${choice.map} is not in the analysis`);
  const around = { width, height, measure, highlighted: [] };
  if (picture === 'model') return { scene: heads({ ...(await headsOf(source, map, analysis.tokens.length)), width, height }), title: `${map.title}, every head` };
  const shown = await matrixFor({ analysis, source, map, choice });
  const { matrix } = shown;
  const title = titleOf(map, choice);
  if (picture === 'lines') {
    if (!shown.mixing) throw new Error(`${map.title} is not about pairs of tokens: draw it as a map`);
    const strands = [{ title, data: matrix.data, ink: choice.head === undefined ? ('accent' as const) : { series: choice.head } }];
    return { scene: lines({ ...around, lines: matrix.rows, strands, threshold: 0.02, allowed: () => true, pinned: [] }), title };
  }
  return { scene: heatmap({ ...around, matrix, selected: [], viewport: new Viewport() }), title, scale: { range: matrix.range, diverging: matrix.diverging } };
}

async function headsOf(source: WholeFile, map: MapInfo, tokens: number) {
  if (map.axes !== 'headMaps') throw new Error(`${map.title} has no heads: draw it as a map`);
  const { data } = await source.slice(map.tensor ?? map.id, []);
  const cells = tokens * tokens;
  const all = Array.from({ length: map.layers * map.heads }, (_, i): Head => ({ layer: Math.floor(i / map.heads), head: i % map.heads, data: data.subarray(i * cells, (i + 1) * cells), note: '' }));
  return { key: map.id, heads: all, size: tokens, diverging: map.signed, groups: [{ title: '', heads: all.map((_, i) => i) }], perRow: map.heads, asLines: false };
}

async function skia(): Promise<CanvasKit> {
  // Its loader reads a file and nothing else.
  const folder = mkdtempSync(join(tmpdir(), 'attention-figure-'));
  const unpacked = join(folder, 'canvaskit.wasm');
  try {
    writeFileSync(unpacked, gunzipSync(readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'canvaskit.wasm.gz'))));
    return await CanvasKitInit({ locateFile: () => unpacked });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fontsOf(kit: CanvasKit): Font[] {
  const files = [process.env.ATTENTION_FONT, matched('sans-serif'), matched('sans-serif:lang=zh'), ...usualFonts].filter((file): file is string => file !== undefined && existsSync(file));
  const fonts = typefaces(kit, [...new Set(files)].map((file) => readFileSync(file)), letterSize);
  if (fonts.length === 0) throw new Error('no font was found on this machine: write .svg instead, or name a font file in ATTENTION_FONT');
  return fonts;
}

/** The font file that fontconfig has for a pattern, where there is fontconfig. */
function matched(pattern: string): string | undefined {
  try {
    return execFileSync('fc-match', ['-f', '%{file}', pattern], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}

function draw(kit: CanvasKit, fonts: Font[], scene: Scene<unknown>, density: number): Uint8Array {
  const surface = kit.MakeSurface(Math.round(scene.width * density), Math.round(scene.height * density));
  if (!surface) throw new Error(`a picture of ${scene.width} × ${scene.height} is too large`);
  new Painter(kit).paint(surface, scene.items.filter((item) => item.kind !== 'label'), print, density);
  drawLabels(kit, surface, fonts, scene, print, density);
  const content = surface.makeImageSnapshot().encodeToBytes();
  if (!content) throw new Error('Skia wrote no PNG');
  return content;
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
