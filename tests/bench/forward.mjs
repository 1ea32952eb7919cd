// Races a forward pass with all attentions against eager PyTorch, in turns in one run, and prints the ratio.
// usage: node tests/bench/forward.mjs REFERENCE.py [rounds]
// REFERENCE.py takes "base 128 forward" and prints {"seconds": …}; it needs PyTorch.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [reference, rounds = '5'] = process.argv.slice(2);
if (!reference) {
  console.error('forward: name the reference script: node tests/bench/forward.mjs REFERENCE.py');
  process.exit(2);
}

const theirs = [];
const ours = [];
const ofPeak = [];
for (let i = 0; i < Number(rounds); i++) {
  theirs.push(run(process.env.PYTHON ?? '/usr/bin/python3', [reference, 'base', '128', 'forward']).seconds);
  const { gemmPeakGflops, methods } = run(join(root, 'bin', 'attention'), ['bench', '--model', 'random:bert-base', '--length', '128', '--json', '--quiet']);
  ours.push(methods[0].seconds);
  ofPeak.push(methods[0].gflops / gemmPeakGflops);
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const ms = (list) => list.map((s) => (s * 1000).toFixed(0)).join(' ');
console.log(`eager PyTorch  ${ms(theirs)} ms (best of 5 each)`);
console.log(`attention      ${ms(ours)} ms (median of 9 each)`);
console.log(`ratio of medians ${(median(theirs) / median(ours)).toFixed(2)}; of the matrix-product peak ${(100 * median(ofPeak)).toFixed(0)} %`);

function run(command, args) {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, OMP_NUM_THREADS: '2' } });
  if (status !== 0) {
    console.error(stderr);
    process.exit(1);
  }
  return JSON.parse(stdout.trim().split('\n').pop());
}
