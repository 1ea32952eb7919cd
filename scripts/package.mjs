// `npm run package [-- target | all]`: a VSIX with a server that needs no .NET, and the default model, for this platform, another, or all.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { notices } from './notices.mjs';
import { root, run, say } from './run.mjs';

/** VS Code's name of a platform, and .NET's. */
const targets = { 'linux-x64': 'linux-x64', 'linux-arm64': 'linux-arm64', 'win32-x64': 'win-x64', 'win32-arm64': 'win-arm64', 'darwin-arm64': 'osx-arm64' };
const models = ['attention-mini', 'attention-mini-qa'];
const mostBytes = 90e6;
/** ONNX Runtime's native library for linux-arm64 comes in this package alone, with those of all other platforms. */
const arm64 = { name: 'onnxruntime-node', version: '1.30.0', integrity: 'sha512-twhs1C2C/BFkz1yc5OY0KIU2GUq6DURO7hD4bx5Q2Qy3nAMJwRXW8xU3NVczE29VA9lolLOYepoD8fjTGOfIqw==' };

const own = `${process.platform}-${process.arch}`;
const wanted = process.argv[2] === 'all' ? Object.keys(targets) : [process.argv[2] ?? own];
for (const target of wanted) {
  if (targets[target]) continue;
  console.error(`package: ${target}: there is no native engine for it here: use ${Object.keys(targets).join(', ')} or all`);
  process.exit(2);
}
build();
for (const target of wanted) pack(target);

function pack(target) {
  const rid = targets[target];
  const staging = join(root, 'out', 'vsix');
  const vsix = join(root, 'out', target === own ? 'attention.vsix' : `attention-${target}.vsix`);
  if (target === 'linux-arm64') fetchArm64();
  say(`Publishing the server for ${rid}`);
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  run('dotnet', ['publish', 'server/Cli', '-c', 'Release', '-r', rid, '--self-contained', '-p:PublishReadyToRun=true', '-p:PublishTrimmed=true', '-p:DebugType=none', '-o', join(staging, 'server'), '-v', 'quiet', '--nologo']);

  say('Packing');
  for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE', 'package.nls.json', 'media/icon.png', 'media/activity.svg', 'media/walkthrough', 'out/media', 'out/extension/extension.cjs', 'out/extension/client.cjs', 'models/NOTICE.md', ...models.map((model) => `models/${model}`)])
    cpSync(join(root, file), join(staging, file), { recursive: true });
  writeFileSync(join(staging, 'THIRD_PARTY_NOTICES.txt'), notices());
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const key of ['scripts', 'devDependencies', 'dependencies', 'private']) delete manifest[key];
  writeFileSync(join(staging, 'package.json'), JSON.stringify(manifest, null, 2));
  // Documentation, symbols, and the parts of .NET that serve debuggers, tracers and other garbage collectors.
  const unused = ['**/*.xml', '**/*.map', '**/*.pdb', ...['mscordaccore', 'mscordbi', 'clrgc', 'coreclrtraceptprovider'].map((part) => `server/*${part}*`)];
  writeFileSync(join(staging, '.vscodeignore'), unused.join('\n'));
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules', '@vscode', 'vsce', 'vsce'), 'package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--target', target, '--out', vsix], { cwd: staging, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) process.exit(1);
  console.log(`${vsix} (${(statSync(vsix).size / 1e6).toFixed(1)} MB, ${target})`);
  if (statSync(vsix).size > mostBytes) {
    console.error(`package: ${vsix}: it is larger than ${mostBytes / 1e6} MB: leave something out`);
    process.exit(1);
  }
}

/** Fetches and checks the package once; it stays in out/. */
function fetchArm64() {
  const folder = join(root, 'out', 'natives');
  if (existsSync(join(folder, 'package', 'package.json'))) return;
  say(`Fetching ${arm64.name} ${arm64.version} for its linux-arm64 library`);
  mkdirSync(folder, { recursive: true });
  run('npm', ['pack', `${arm64.name}@${arm64.version}`, '--silent', '--pack-destination', folder]);
  const archive = join(folder, `${arm64.name}-${arm64.version}.tgz`);
  const hash = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (hash !== arm64.integrity) {
    console.error(`package: ${archive}: it is not the package that was expected (${hash}): delete it and try again`);
    process.exit(1);
  }
  run('tar', ['-xzf', archive, '-C', folder]);
  rmSync(archive);
}
