// `npm test`: builds, then runs every suite, fast ones first, and adds up what passed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../scripts/build.mjs';
import { root, run, say } from '../scripts/run.mjs';
import { missing } from './e2e/codeServer.mjs';

const totals = { passed: 0, failed: 0, skipped: 0 };
const flaky = [];
const broken = [];
const started = Date.now();
const only = process.argv.slice(2);

build();
suite('unit', 'Server: unit, golden, property and architecture tests', () => dotnetTest());
suite('protocol', 'Protocol: the real vscode-jsonrpc and language client', () => nodeTests('protocol'));
suite('browser', 'Browser: the panel and exported pages in Chromium', () => nodeTests('browser', 2));
suite('e2e', 'End to end: a real VS Code workbench', () => {
  if (!missing()) run(process.execPath, ['scripts/package.mjs']);
  return nodeTests('e2e', 2);
});

console.log(`\nAll suites, ${Math.round((Date.now() - started) / 1000)} s`);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
for (const name of broken) console.log(`FAILED: ${name}`);
if (flaky.length > 0) console.log(`FLAKY: needed a second try: ${flaky.join(', ')}`);
process.exit(totals.failed > 0 || totals.passed === 0 ? 1 : 0);

function suite(name, title, tests) {
  if (only.length > 0 && !only.includes(name)) return;
  say(title);
  const result = tests();
  for (const key of Object.keys(totals)) totals[key] += result[key];
  console.log(`  ${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`);
}

function dotnetTest() {
  const { output, status } = capture('dotnet', ['test', 'tests/Attention.Tests', '-c', 'Release', '--no-build', '-v', 'quiet', '--nologo']);
  const count = (name) => Number(output.match(new RegExp(`${name}:\\s+(\\d+)`))?.[1] ?? 0);
  broken.push(...[...output.matchAll(/^\[xUnit.*?\] +(.*) \[FAIL\]$/gm)].map((match) => match[1]));
  return settle({ passed: count('Passed'), failed: count('Failed'), skipped: count('Skipped') }, status);
}

/**
 * Runs tests/<folder>/*.test.mjs with Node's own runner, one file at a time: each starts browsers or servers of its own,
 * and several would fight for the same two cores. A file may be tried once more where the test drives a whole
 * workbench from outside, which now and then loses a key; what fails twice has failed.
 */
function nodeTests(folder, tries = 1) {
  const path = join(root, 'tests', folder);
  const files = existsSync(path) ? readdirSync(path).filter((file) => file.endsWith('.test.mjs')).sort() : [];
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const file of files) {
    let result = nodeTest(join(path, file));
    for (let again = 1; again < tries && result.failed > 0; again++) {
      say(`${file}: ${result.failed} failed; once more`);
      result = nodeTest(join(path, file));
      if (result.failed === 0) flaky.push(`${folder}/${file}`);
    }
    if (result.failed > 0) broken.push(`${folder}/${file}`);
    for (const key of Object.keys(sum)) sum[key] += result[key];
  }
  return sum;
}

function nodeTest(file) {
  const { output, status } = capture(process.execPath, ['--test', '--test-reporter=spec', file]);
  const count = (name) => Number(output.match(new RegExp(`^ℹ ${name} (\\d+)`, 'm'))?.[1] ?? 0);
  return settle({ passed: count('pass'), failed: count('fail') + count('cancelled'), skipped: count('skipped') }, status);
}

/** A runner that broke before it could count has failed. */
function settle(result, status) {
  if (status !== 0 && result.failed === 0) result.failed = 1;
  return result;
}

function capture(command, args) {
  const { stdout, status, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
    env: { ...process.env, DOTNET_NOLOGO: '1', DOTNET_CLI_TELEMETRY_OPTOUT: '1' },
  });
  if (error) console.error(error.message);
  process.stdout.write(stdout ?? '');
  return { output: stdout ?? '', status };
}
