// What is in the VSIX, and that the manifest says what the code does. Needs no browser.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const vsix = join(root, 'out', 'attention.vsix');
const absent = existsSync(vsix) ? undefined : 'no out/attention.vsix (run npm run package)';
const bundleBytes = 500_000;

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const texts = JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8'));
const sources = readdirSync(join(root, 'attention-vscode')).filter((name) => name.endsWith('.ts')).map((name) => [name, readFileSync(join(root, 'attention-vscode', name), 'utf8')]);
const code = sources.map(([, text]) => text).join('\n');

describe('the manifest', () => {
  it('has a text for each placeholder, and no text that nothing shows', () => {
    const used = [...JSON.stringify(manifest).matchAll(/"%([^"%]+)%"/g)].map((match) => match[1]);
    assert.deepEqual([...new Set(used)].sort(), Object.keys(texts).sort());
  });

  it('declares the commands that the code registers, no more and no fewer', () => {
    const registered = [...code.matchAll(/registerCommand\('([^']+)'/g)].map((match) => match[1]);
    assert.deepEqual(registered.sort(), manifest.contributes.commands.map((command) => command.command).sort());
  });

  it('declares the settings that are read, and only config.ts reads them', () => {
    const config = sources.find(([name]) => name === 'config.ts')[1];
    const read = [...config.matchAll(/read\('([^']+)'/g)].map((match) => `attention.${match[1]}`);
    // vscode-languageclient reads the trace setting of the client whose id is "attention".
    assert.deepEqual([...new Set([...read, 'attention.trace.server'])].sort(), Object.keys(manifest.contributes.configuration.properties).sort());
    for (const [name, text] of sources) if (name !== 'config.ts') assert.doesNotMatch(text, /getConfiguration/, name);
  });

  it('lets no workspace name a program, and no workspace that is not trusted name a model', () => {
    const { properties } = manifest.contributes.configuration;
    assert.equal(properties['attention.server.path'].scope, 'machine');
    for (const setting of ['attention.server.path', 'attention.model']) assert.ok(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations.includes(setting));
  });

  it('has each colour that the code names', () => {
    const colours = manifest.contributes.colors.map((colour) => colour.id);
    for (const [, name] of code.matchAll(/ThemeColor\('([^']+)'\)/g)) assert.ok(colours.includes(name), name);
    for (let step = 1; step <= 5; step++) assert.ok(colours.includes(`attention.tint${step}`));
  });
});

describe('the VSIX', { skip: absent && `package tests skipped: ${absent}` }, () => {
  let files;

  before(() => {
    files = directory(readFileSync(vsix));
  });

  it('holds the server, the views, the models with their notices, and the papers of the extension', () => {
    for (const name of [
      'package.json', 'package.nls.json', 'readme.md', 'changelog.md', 'LICENSE.txt', 'media/icon.png', 'media/activity.svg',
      'out/extension/extension.cjs', 'out/extension/client.cjs', 'out/media/panel.js', 'out/media/panel.css', 'out/media/study.js', 'out/media/study.css', 'out/media/page.html', 'out/media/canvaskit.wasm.gz',
      'THIRD_PARTY_NOTICES.txt', 'models/NOTICE.md', 'models/attention-mini/model.safetensors', 'models/attention-mini/vocab.txt',
    ])
      assert.ok(files.has(`extension/${name}`), `${name} is missing`);
    assert.ok(files.has('extension/server/attention') || files.has('extension/server/attention.exe'), 'the server is missing');
  });

  it('may run the server', { skip: process.platform === 'win32' && 'Windows has no executable bit' }, () => {
    assert.match(files.get('extension/server/attention').mode.toString(8), /7[0-7]{2}$/);
  });

  it('holds no sources, tests, symbols or packages', () => {
    const extra = [...files.keys()].filter((name) => /node_modules|\/tests?\/|\.(ts|cs|map|pdb|csproj)$/.test(name));
    assert.deepEqual(extra, []);
  });

  it(`has an extension of less than ${bundleBytes / 1000} kB`, () => {
    const size = ['extension', 'client'].reduce((sum, name) => sum + files.get(`extension/out/extension/${name}.cjs`).size, 0);
    console.log(`    extension: ${(size / 1000).toFixed(0)} kB`);
    assert.ok(size < bundleBytes, `${size} bytes`);
  });
});

/** The names in a zip file with their sizes and Unix modes, from its central directory. */
function directory(zip) {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06'));
  const entries = new Map();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const lengths = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    entries.set(zip.toString('utf8', at + 46, at + 46 + lengths[0]), { size: zip.readUInt32LE(at + 24), mode: zip.readUInt32LE(at + 38) >>> 16 });
    at += 46 + lengths[0] + lengths[1] + lengths[2];
  }
  return entries;
}
