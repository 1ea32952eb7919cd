// A random model of BERT-base's shape (with a small vocabulary) in Hugging Face layout, for tests of size and speed.
import { copyFileSync, closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const layers = 12;
const hidden = 768;
const inner = 3072;

export function randomBert(folder, vocabulary) {
  mkdirSync(folder, { recursive: true });
  copyFileSync(vocabulary, join(folder, 'vocab.txt'));
  const words = readFileSync(vocabulary, 'utf8').trimEnd().split('\n').length;
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ tokenizer_class: 'BertTokenizer', do_lower_case: true, model_max_length: 512 }));
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({
      architectures: ['BertForMaskedLM'], model_type: 'bert', vocab_size: words, hidden_size: hidden, num_hidden_layers: layers, num_attention_heads: 12,
      intermediate_size: inner, hidden_act: 'gelu', max_position_embeddings: 512, type_vocab_size: 2, layer_norm_eps: 1e-12, pad_token_id: 0,
    }),
  );
  writeTensors(join(folder, 'model.safetensors'), shapes(words));
}

function shapes(words) {
  const all = {};
  const linear = (name, out, into) => Object.assign(all, { [`${name}.weight`]: [out, into], [`${name}.bias`]: [out] });
  const norm = (name) => Object.assign(all, { [`${name}.weight`]: [hidden], [`${name}.bias`]: [hidden] });
  all['bert.embeddings.word_embeddings.weight'] = [words, hidden];
  all['bert.embeddings.position_embeddings.weight'] = [512, hidden];
  all['bert.embeddings.token_type_embeddings.weight'] = [2, hidden];
  norm('bert.embeddings.LayerNorm');
  for (let l = 0; l < layers; l++) {
    const block = `bert.encoder.layer.${l}`;
    for (const part of ['query', 'key', 'value']) linear(`${block}.attention.self.${part}`, hidden, hidden);
    linear(`${block}.attention.output.dense`, hidden, hidden);
    norm(`${block}.attention.output.LayerNorm`);
    linear(`${block}.intermediate.dense`, inner, hidden);
    linear(`${block}.output.dense`, hidden, inner);
    norm(`${block}.output.LayerNorm`);
  }
  linear('cls.predictions.transform.dense', hidden, hidden);
  norm('cls.predictions.transform.LayerNorm');
  all['cls.predictions.bias'] = [words];
  return all;
}

function writeTensors(path, tensors) {
  let offset = 0;
  const header = {};
  for (const [name, shape] of Object.entries(tensors)) {
    const bytes = 4 * shape.reduce((a, b) => a * b, 1);
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, (offset += bytes)] };
  }
  const json = Buffer.from(JSON.stringify(header).padEnd(Math.ceil(JSON.stringify(header).length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const file = openSync(path, 'w');
  writeSync(file, length);
  writeSync(file, json);
  let state = 1;
  for (const [name, shape] of Object.entries(tensors)) {
    const scale = name.endsWith('LayerNorm.weight') ? 1 : 0;
    const numbers = new Float32Array(shape.reduce((a, b) => a * b, 1));
    for (let i = 0; i < numbers.length; i++) {
      // A linear congruential generator (Numerical Recipes' constants): the same model on every machine.
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      numbers[i] = scale + (state / 2 ** 32 - 0.5) * 0.08;
    }
    writeSync(file, new Uint8Array(numbers.buffer));
  }
  closeSync(file);
}
