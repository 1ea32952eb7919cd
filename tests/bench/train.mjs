// Races a step of `attention train mlm` against eager PyTorch on the same shape (models/training/time_step.py), in turns in one run,
// and prints the ratio. usage: node tests/bench/train.mjs [rounds]; PYTHON names a Python that has PyTorch.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const rounds = Number(process.argv[2] ?? 5);
const shape = ['--layers', '4', '--heads', '4', '--hidden', '256', '--length', '64', '--short-part', '0', '--long-part', '0', '--batch-tokens', '2048', '--steps', '20'];

const folder = mkdtempSync(join(tmpdir(), 'attention-race-'));
const [theirs, ours] = [[], []];
try {
  // Any text will do: how long a step takes does not depend on its words.
  const text = join(folder, 'text.txt');
  writeFileSync(text, readFileSync(join(root, 'docs', 'TRAINING.md'), 'utf8').repeat(40));
  for (let i = 0; i < rounds; i++) {
    const output = join(folder, `run-${i}`);
    run(join(root, 'bin', 'attention'), ['train', 'mlm', '--from-scratch', '--model', 'attention-mini', ...shape, '--data', text, '--output', output, '--json', '--quiet']);
    ours.push(median(steps(join(output, 'losses.csv'))));
    theirs.push(Number(/median (\d+) ms/.exec(run(process.env.PYTHON ?? '/usr/bin/python3', ['time_step.py'], join(root, 'models', 'training')))[1]) / 1000);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const ms = (list) => list.map((s) => (s * 1000).toFixed(0)).join(' ');
console.log(`attention      ${ms(ours)} ms a step (medians of 16)`);
console.log(`eager PyTorch  ${ms(theirs)} ms a step (medians of 20)`);
console.log(`ratio of medians ${(median(theirs) / median(ours)).toFixed(2)}`);

/** What each step took, without the first four, in which code is still being compiled. */
function steps(losses) {
  const seconds = readFileSync(losses, 'utf8').trim().split('\n').slice(1).map((line) => Number(line.split(',')[5]));
  return seconds.slice(1).map((s, i) => s - seconds[i]).slice(3);
}

function median(list) {
  return [...list].sort((a, b) => a - b)[list.length >> 1];
}

function run(command, args, cwd = root) {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8', cwd });
  if (status !== 0) {
    console.error(stderr);
    process.exit(1);
  }
  return stdout;
}
