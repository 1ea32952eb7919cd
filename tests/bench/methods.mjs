// Races methods against the authors' loops, in turns in one run, and prints ratios, and for Value Zeroing how near it comes to the
// time that its unavoidable products take at the measured rate of large matrix products.
// usage: node tests/bench/methods.mjs REFERENCE.py [method…] [--rounds N] [--lengths 64,128]
// REFERENCE.py takes "base 64 vz" and prints {"seconds": …}; it needs PyTorch. Both sides count their forward pass.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, URL } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

// BERT-base: what the products that cannot be avoided multiply and add, T tokens.
const base = { layers: 12, heads: 12, width: 768, inner: 3072 };
const valueZeroing = (t) => base.layers * 2 * base.width * base.inner * (t * t + 2 * t);

// One line a race: the method here, the loop there, and a bound on the time where there is one.
const races = {
  vz: { loop: 'vz', method: 'vz_distance', flops: valueZeroing },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' }, lengths: { type: 'string', default: '64,128' } },
});
const [reference, ...names] = positionals;
const unknown = names.find((n) => !(n in races));
if (!reference || unknown) {
  console.error(unknown ? `methods: there is no race '${unknown}': use ${Object.keys(races).join(', ')}` : 'methods: name the reference script: node tests/bench/methods.mjs REFERENCE.py [method…]');
  process.exit(2);
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const seconds = (list) => list.map((s) => s.toFixed(2)).join(' ');
for (const name of names.length ? names : Object.keys(races)) {
  const race = races[name];
  for (const length of values.lengths.split(',').map(Number)) {
    const [theirs, ours, bounds] = [[], [], []];
    for (let i = 0; i < Number(values.rounds); i++) {
      theirs.push(run(process.env.PYTHON ?? '/usr/bin/python3', [reference, 'base', String(length), race.loop]).seconds);
      const { gemmPeakGflops, methods } = run(join(root, 'bin', 'attention'), [
        'bench', '--method', race.method, '--model', 'random:bert-base', '--length', String(length), '--repeats', '9', '--json', '--quiet',
      ]);
      ours.push(methods[0].seconds);
      // The rate is measured in the same process, so that both sides of this ratio saw the same machine.
      if (race.flops) bounds.push(methods[0].seconds / (race.flops(length) / (gemmPeakGflops * 1e9)));
    }
    const bound = bounds.length ? `; ${median(bounds).toFixed(2)} times its products at peak` : '';
    console.log(`${name} T=${length}: loop ${seconds(theirs)} s, attention ${seconds(ours)} s, ratio ${(median(theirs) / median(ours)).toFixed(1)}${bound}`);
  }
}

function run(command, args) {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, OMP_NUM_THREADS: '2' } });
  if (status !== 0) {
    console.error(stderr);
    process.exit(1);
  }
  return JSON.parse(stdout.trim().split('\n').pop());
}
