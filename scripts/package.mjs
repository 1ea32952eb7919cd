// `npm run package [-- target]`: one VSIX with a server that needs no .NET, and the default model.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { root, run, say } from './run.mjs';

/** VS Code's name of a platform, and .NET's. */
const targets = { 'linux-x64': 'linux-x64', 'win32-x64': 'win-x64', 'win32-arm64': 'win-arm64', 'darwin-arm64': 'osx-arm64' };
const models = ['attention-mini', 'attention-mini-qa'];

const target = process.argv[2] ?? `${process.platform}-${process.arch}`;
const rid = targets[target];
if (!rid) {
  console.error(`package: ${target}: there is no native engine for it here: use ${Object.keys(targets).join(', ')}`);
  process.exit(2);
}

const staging = join(root, 'out', 'vsix');
const vsix = join(root, 'out', 'attention.vsix');
build();
say(`Publishing the server for ${rid}`);
rmSync(staging, { recursive: true, force: true });
mkdirSync(staging, { recursive: true });
run('dotnet', ['publish', 'server/Cli', '-c', 'Release', '-r', rid, '--self-contained', '-p:PublishReadyToRun=true', '-p:PublishTrimmed=true', '-p:DebugType=none', '-o', join(staging, 'server'), '-v', 'quiet', '--nologo']);

say('Packing');
for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE', 'package.nls.json', 'media/icon.png', 'media/activity.svg', 'media/walkthrough', 'out/media', 'out/extension/extension.cjs', 'models/NOTICE.md', ...models.map((model) => `models/${model}`)])
  cpSync(join(root, file), join(staging, file), { recursive: true });
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
for (const key of ['scripts', 'devDependencies', 'dependencies', 'private']) delete manifest[key];
writeFileSync(join(staging, 'package.json'), JSON.stringify(manifest, null, 2));
// Documentation, symbols, and the parts of .NET that serve debuggers, tracers and other garbage collectors.
const unused = ['**/*.xml', '**/*.map', '**/*.pdb', ...['mscordaccore', 'mscordbi', 'clrgc', 'coreclrtraceptprovider'].map((part) => `server/*${part}*`)];
writeFileSync(join(staging, '.vscodeignore'), unused.join('\n'));
const { status } = spawnSync(process.execPath, [join(root, 'node_modules', '@vscode', 'vsce', 'vsce'), 'package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--target', target, '--out', vsix], { cwd: staging, stdio: ['ignore', 'ignore', 'inherit'] });
if (status !== 0) process.exit(1);
console.log(`${vsix} (${(statSync(vsix).size / 1e6).toFixed(1)} MB, ${target})`);
