// Races attention flow against scipy's compiled maximum flow over whole capacities, in turns in one run: from one token after the
// last layer to every token of the input. Ours are exact in 64 bits; scipy takes whole numbers only, so its capacities are rounded.
// usage: node tests/bench/flow.mjs [--length 64] [--rounds 3]; needs Python with scipy.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, URL } from 'node:url';
import { parseArgs } from 'node:util';

const attention = join(fileURLToPath(new URL('../..', import.meta.url)), 'bin', 'attention');
const python = process.env.PYTHON ?? '/usr/bin/python3';
const { values } = parseArgs({ options: { length: { type: 'string', default: '64' }, rounds: { type: 'string', default: '3' } } });
const length = Number(values.length);

if (spawnSync(python, ['-c', 'import scipy']).status !== 0) {
  console.log('flow: skipped: there is no scipy here');
  process.exit(0);
}

// The same number of layers and tokens as ours, and capacities as uneven as attention is.
const theirs = `
import time, numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_flow
layers, tokens, scale = 12, ${length}, 10**6
maps = np.random.default_rng(1).dirichlet(np.full(tokens, 0.3), (layers, tokens))
maps = 0.5 * maps + 0.5 * np.eye(tokens)
rows, columns, capacities = [], [], []
for layer in range(layers):
    for i in range(tokens):
        for j in range(tokens):
            rows.append((layer + 1) * tokens + i); columns.append(layer * tokens + j); capacities.append(int(round(maps[layer, i, j] * scale)))
nodes = (layers + 1) * tokens
graph = csr_matrix((np.array(capacities, dtype=np.int32), (rows, columns)), shape=(nodes, nodes))
start = time.perf_counter()
for sink in range(tokens):
    maximum_flow(graph, layers * tokens, sink)
print(time.perf_counter() - start)
`;

function run(command, args, input) {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8', input });
  if (status !== 0) {
    console.error(stderr);
    process.exit(1);
  }
  return stdout;
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const [one, all] = [[], []];
for (let round = 0; round < Number(values.rounds); round++) {
  one.push(Number(run(python, ['-'], theirs)));
  const { methods } = JSON.parse(run(attention, ['bench', '--model', 'random:bert-base', '--length', String(length), '--method', 'flow_raw', '--repeats', '3', '--json', '--quiet', '--threads', '1']));
  all.push(methods[0].seconds);
}
// Ours times every token after the last layer, the forward pass included; one of them is its share.
const share = median(all) / length;
console.log(`flow T=${length}, one token to all: scipy ${one.map((s) => s.toFixed(2)).join(' ')} s, attention ${share.toFixed(4)} s (all ${length}: ${all.map((s) => s.toFixed(2)).join(' ')} s), ratio ${(median(one) / share).toFixed(0)}`);
