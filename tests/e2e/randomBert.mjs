// Writes a model folder with the shape of BERT-base and random weights: the size users have, without a download.
import { closeSync, cpSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const shape = { layers: 12, heads: 12, hidden: 768, intermediate: 3072, positions: 512, vocabulary: 30522 };
const tableSize = 1 << 20;

/** Fills a folder in Hugging Face layout; the tokenizer is the given model's, its vocabulary padded to BERT's size. */
export function writeRandomBert(folder, tokenizerFrom) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config()));
  cpSync(join(tokenizerFrom, 'tokenizer_config.json'), join(folder, 'tokenizer_config.json'));
  const words = readFileSync(join(tokenizerFrom, 'vocab.txt'), 'utf8').trimEnd().split('\n');
  while (words.length < shape.vocabulary) words.push(`[unused${words.length}]`);
  writeFileSync(join(folder, 'vocab.txt'), `${words.join('\n')}\n`);
  writeWeights(join(folder, 'model.safetensors'));
  return shape;
}

function config() {
  return {
    architectures: ['BertForMaskedLM'],
    model_type: 'bert',
    vocab_size: shape.vocabulary,
    hidden_size: shape.hidden,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    intermediate_size: shape.intermediate,
    max_position_embeddings: shape.positions,
    type_vocab_size: 2,
    hidden_act: 'gelu',
    layer_norm_eps: 1e-12,
    pad_token_id: 0,
  };
}

/** Names and shapes as BertForMaskedLM saves them. */
function tensors() {
  const { hidden, intermediate } = shape;
  const linear = (name, to, from) => [[`${name}.weight`, [to, from]], [`${name}.bias`, [to]]];
  const norm = (name) => [[`${name}.weight`, [hidden]], [`${name}.bias`, [hidden]]];
  const all = [
    ['bert.embeddings.word_embeddings.weight', [shape.vocabulary, hidden]],
    ['bert.embeddings.position_embeddings.weight', [shape.positions, hidden]],
    ['bert.embeddings.token_type_embeddings.weight', [2, hidden]],
    ...norm('bert.embeddings.LayerNorm'),
    ['cls.predictions.bias', [shape.vocabulary]],
    ...linear('cls.predictions.transform.dense', hidden, hidden),
    ...norm('cls.predictions.transform.LayerNorm'),
  ];
  for (let layer = 0; layer < shape.layers; layer++) {
    const name = `bert.encoder.layer.${layer}`;
    for (const part of ['query', 'key', 'value']) all.push(...linear(`${name}.attention.self.${part}`, hidden, hidden));
    all.push(...linear(`${name}.attention.output.dense`, hidden, hidden), ...norm(`${name}.attention.output.LayerNorm`));
    all.push(...linear(`${name}.intermediate.dense`, intermediate, hidden), ...linear(`${name}.output.dense`, hidden, intermediate), ...norm(`${name}.output.LayerNorm`));
  }
  return all;
}

function writeWeights(path) {
  const header = {};
  let offset = 0;
  for (const [name, dimensions] of tensors()) {
    const end = offset + 4 * dimensions.reduce((a, b) => a * b, 1);
    header[name] = { dtype: 'F32', shape: dimensions, data_offsets: [offset, end] };
    offset = end;
  }
  const json = JSON.stringify(header);
  const head = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  const file = openSync(path, 'w');
  writeSync(file, length);
  writeSync(file, head);
  const numbers = gaussianTable();
  // What layers add to the residual stream is scaled as in GPT-2 (Radford et al. 2019): else random layers make all
  // tokens alike, and the maps of the deeper ones are of one colour.
  const residual = numbers.map((number) => number / Math.sqrt(2 * shape.layers));
  let at = 0;
  for (const [name, dimensions] of tensors()) {
    const count = dimensions.reduce((a, b) => a * b, 1);
    if (name.endsWith('LayerNorm.weight')) writeSync(file, bytes(new Float32Array(count).fill(1)));
    else if (name.endsWith('bias')) writeSync(file, bytes(new Float32Array(count)));
    else at = writeNumbers(file, name.endsWith('output.dense.weight') ? residual : numbers, at, count);
  }
  closeSync(file);
}

/** Weights are runs of one table: 110 million draws would take longer than the test they are for. */
function writeNumbers(file, numbers, start, count) {
  let at = start;
  for (let left = count; left > 0; ) {
    const taken = Math.min(left, numbers.length - at);
    writeSync(file, bytes(numbers.subarray(at, at + taken)));
    left -= taken;
    at = (at + taken) % numbers.length;
  }
  // A prime step, so that no two tensors of one shape are alike.
  return (at + 7919) % numbers.length;
}

/** Normal numbers (Box and Muller 1958) with the spread of a trained model, the same in every run. */
function gaussianTable() {
  let state = 20260101;
  const uniform = () => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 4294967296;
  };
  return Float32Array.from({ length: tableSize }, () => 0.04 * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()));
}

function bytes(array) {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}
