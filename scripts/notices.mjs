// The licences of what a VSIX carries from others: packages that the bundles are made of, the engine, .NET and its libraries.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { root } from './run.mjs';

const list = join(root, 'out', 'bundled.json');
/** Copied as they are, or compiled elsewhere: no bundler sees them. */
const copied = ['@vscode/codicons', 'canvaskit-wasm', 'com.github.asus4.onnxruntime'];

/** Remembers which packages the bundler took files from. */
export function remember(metafiles) {
  const names = metafiles.flatMap((meta) => Object.keys(meta.inputs)).map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path)?.[1]).filter(Boolean);
  writeFileSync(list, JSON.stringify([...new Set(names)].sort()));
}

/** All of them as one text. A package whose licence cannot be told is an error: nobody may ship it. */
export function notices() {
  const packages = [...new Set([...copied, ...JSON.parse(readFileSync(list, 'utf8'))])].sort();
  return ['This extension carries work of others, under these licences.', ...packages.map(ofNpm), ...nugets().map(ofNuget), ofDotnet()].join(`\n\n${'='.repeat(80)}\n\n`);
}

function ofNpm(name) {
  const folder = join(root, 'node_modules', name);
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|third.?party)/i.test(file) && !file.endsWith('.meta'));
  if (files.length === 0) throw new Error(`notices: ${name}: it has no file with its licence: find out what it is before you ship it`);
  return [`${name} ${version}${license ? ` (${license})` : ''}`, ...files.map((file) => readFileSync(join(folder, file), 'utf8').trim())].join('\n\n');
}

/** The packages that the server's project names, at the versions that all projects use. */
function nugets() {
  const versions = readFileSync(join(root, 'Directory.Packages.props'), 'utf8');
  const project = readFileSync(join(root, 'server', 'Cli', 'Cli.csproj'), 'utf8');
  return [...project.matchAll(/PackageReference Include="([^"]+)"/g)].map(([, name]) => ({ name, version: new RegExp(`Include="${name}" Version="([^"]+)"`).exec(versions)[1] }));
}

function ofNuget({ name, version }) {
  const folder = join(process.env.NUGET_PACKAGES ?? join(homedir(), '.nuget', 'packages'), name.toLowerCase(), version);
  const spec = readFileSync(join(folder, `${name.toLowerCase()}.nuspec`), 'utf8');
  const tag = (kind) => new RegExp(`<${kind}[^>]*>([^<]+)</${kind}>`).exec(spec)?.[1];
  // These packages name their licence and bring no text of it.
  if (tag('license') !== 'MIT') throw new Error(`notices: ${name}: its licence is ${tag('license')}, and only the text of MIT is known here: add it`);
  return [`${name} ${version} (MIT)`, tag('copyright') ?? tag('authors'), mit].join('\n\n');
}

function ofDotnet() {
  const { stdout } = spawnSync('dotnet', ['--list-sdks'], { encoding: 'utf8', shell: process.platform === 'win32' });
  const home = dirname(/\[(.+)\]/.exec(stdout)[1]);
  const files = ['LICENSE.txt', 'ThirdPartyNotices.txt'].map((file) => join(home, file)).filter(existsSync);
  return ['.NET runtime (MIT)', ...files.map((file) => `${basename(file)}\n\n${readFileSync(file, 'utf8').trim()}`), ...(files.length === 0 ? ['© .NET Foundation and contributors', mit] : [])].join('\n\n');
}

/** The MIT licence, out of this repository's own. */
const mit = /Permission is hereby granted[^]*/.exec(readFileSync(join(root, 'LICENSE'), 'utf8'))[0].trim();
