// Bundles the extension, the panel and the page template for exports into out/.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { remember } from './notices.mjs';
import { root, run } from './run.mjs';

const at = (...parts) => join(root, ...parts);
const modules = (...parts) => at('node_modules', ...parts);
const canvaskit = modules('canvaskit-wasm', 'bin', 'canvaskit.wasm');

const browser = {
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  // CanvasKit's loader looks for these only when it runs in Node.
  external: ['fs', 'path'],
  logLevel: 'warning',
  legalComments: 'none',
  metafile: true,
};
const made = [];

/** The client library asks whether VS Code is new enough for it; `engines` in the manifest has seen to that. What it asks with is 20 kB. */
const newEnough = {
  name: 'new-enough',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^semver\/functions\/(parse|satisfies)$/ }, ({ path }) => ({ path, namespace: 'new-enough' }));
    onLoad({ filter: /./, namespace: 'new-enough' }, ({ path }) => ({ contents: path.endsWith('parse') ? 'module.exports = (version) => ({ version })' : 'module.exports = () => true' }));
  },
};

run(process.execPath, [modules('typescript', 'bin', 'tsc'), '-p', 'tsconfig.json']);
rmSync(at('out', 'media'), { recursive: true, force: true });
mkdirSync(at('out', 'media'), { recursive: true });

/** Two thirds of the extension are the client library: in a file of its own it is neither read nor compiled before the first server starts. */
const ownFile = {
  name: 'own-file',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/client$/, namespace: 'file' }, () => ({ path: './client.cjs', external: true }));
  },
};

for (const [name, plugins] of [['extension', [ownFile]], ['client', [newEnough]]])
  made.push(await build({
    entryPoints: [at('attention-vscode', `${name}.ts`)],
    outfile: at('out', 'extension', `${name}.cjs`),
    bundle: true,
    minify: true,
    sourcemap: 'linked',
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: ['vscode'],
    // VS Code hands out its API through require alone.
    supported: { 'dynamic-import': false },
    plugins,
    logLevel: 'warning',
    metafile: true,
  }));

for (const name of ['panel', 'study']) made.push(await build({ ...browser, entryPoints: [at('media', `${name}.ts`)], outfile: at('out', 'media', `${name}.js`) }));
made.push(await build({
  entryPoints: [at('media', 'figure.ts')],
  outfile: at('out', 'media', 'figure.mjs'),
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // CanvasKit's loader is a script of the older kind.
  banner: { js: "import{createRequire}from'node:module';import{fileURLToPath as p}from'node:url';import{dirname as d}from'node:path';const require=createRequire(import.meta.url),__filename=p(import.meta.url),__dirname=d(__filename);" },
  logLevel: 'warning',
  metafile: true,
}));
const packedSkia = gzipSync(readFileSync(canvaskit), { level: 9 });
writeFileSync(at('out', 'media', 'canvaskit.wasm.gz'), packedSkia);
for (const file of ['codicon.css', 'codicon.ttf']) copyFileSync(modules('@vscode', 'codicons', 'dist', file), at('out', 'media', file));
writeFileSync(at('out', 'media', 'page.html'), await page());
remember(made.map(({ metafile }) => metafile));

/** The template of an exported page: everything in one file, with places for the data. */
async function page() {
  const parts = await build({ ...browser, entryPoints: [at('media', 'page.ts')], outdir: at('out', 'page'), write: false });
  made.push(parts);
  const text = (ending) => parts.outputFiles.find((file) => file.path.endsWith(ending)).text;
  // Nothing inside may look like the end of the element it stands in.
  const script = text('.js').replaceAll('</script', '<\\/script');
  const font = readFileSync(modules('@vscode', 'codicons', 'dist', 'codicon.ttf')).toString('base64');
  const icons = readFileSync(modules('@vscode', 'codicons', 'dist', 'codicon.css'), 'utf8').replace(/url\([^)]*\)/, `url(data:font/ttf;base64,${font})`);
  const skia = packedSkia.toString('base64');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'unsafe-inline'; font-src data:; img-src data: blob:; connect-src blob:">
<title>Attention</title>
<style>${icons}</style>
<style>${text('.css')}</style>
</head>
<body>
<!--attention:data-->
<!--attention:tensors-->
<script type="application/octet-stream" id="attention-skia">${skia}</script>
<script>${script}</script>
</body>
</html>
`;
}
