// Analyses made of seeded numbers: what the server would send, with tensors that a test knows.

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
export function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Tensors as the bytes of a safetensors file. */
export function safetensors(tensors) {
  let at = 0;
  const entries = {};
  for (const [name, { shape, data }] of Object.entries(tensors)) entries[name] = { dtype: 'F32', shape, data_offsets: [at, (at += data.byteLength)] };
  const header = new TextEncoder().encode(JSON.stringify(entries));
  const bytes = new Uint8Array(8 + header.length + at);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  for (const [name, { data }] of Object.entries(tensors)) bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 8 + header.length + entries[name].data_offsets[0]);
  return bytes;
}

const words = ['heat', 'maps', 'show', 'where', 'a', 'token', 'looks', '##ing', '\n', '<b>', 'straße', '東京', 'unbelievably'];
const thumbnailSize = 48;

/** An analysis of `tokens` tokens: its summary, its tensors by name and its file. */
export function synthetic({ tokens: count, layers = 2, heads = 3, seed = 1 }) {
  const next = random(seed + count);
  const tensors = {
    attentions: { shape: [layers, heads, count, count], data: rows(layers * heads * count, count, next) },
    rollout: { shape: [layers, count, count], data: rows(layers * count, count, next) },
  };
  const cells = count * count;
  const mean = new Float32Array(layers * cells);
  for (let i = 0; i < mean.length; i++) {
    const [layer, cell] = [Math.floor(i / cells), i % cells];
    for (let head = 0; head < heads; head++) mean[i] += tensors.attentions.data[(layer * heads + head) * cells + cell] / heads;
  }
  tensors.attention_mean = { shape: [layers, count, count], data: mean };
  const maps = [map('attentions', 'Attention', layers, heads), map('attention_mean', 'Mean attention', layers, 0), map('rollout', 'Attention rollout', layers, 0)];
  if (count > thumbnailSize)
    for (const item of maps) {
      item.overview = `overview.${item.id}`;
      const { shape, data } = tensors[item.id];
      tensors[item.overview] = { shape: [...shape.slice(0, -2), thumbnailSize, thumbnailSize], data: thumbnails(data, count) };
    }
  const tokens = Array.from({ length: count }, (_, i) => {
    const special = i === 0 || i === count - 1;
    const text = special ? (i === 0 ? '[CLS]' : '[SEP]') : words[i % words.length];
    return { text, id: i, start: i * 3, end: i * 3 + 2, segment: 'single', special, word: i };
  });
  const file = safetensors(tensors);
  const analysis = {
    id: `synthetic-${count}-${seed}`,
    path: '/analyses/synthetic.safetensors',
    bytes: file.length,
    text: 'Heat maps show where a token looks.</script>',
    model: { name: 'synthetic', architecture: 'bert', head: 'base', layers, heads, hidden: heads * 4 },
    device: 'CPU',
    milliseconds: 1,
    tokens,
    maps,
    methods: [],
    predictions: [],
    notes: [],
  };
  const computed = computable(layers, heads, count, next);
  for (const { map, tensor } of computed) tensors[map.id] = tensor;
  return { analysis, computed, tensors, file, matrix: (id, layer, head) => matrix(tensors[id], layer, head) };
}

/** What a server could compute besides: a signed result of every kind of axes, about a prediction. */
function computable(layers, heads, tokens, next) {
  const shapes = {
    map: [layers, tokens, tokens],
    headMaps: [layers, heads, tokens, tokens],
    tokenPairs: [tokens, tokens],
    tokens: [tokens],
    tokenVectors: [tokens, 6],
    layerTokens: [layers, tokens],
    headTokens: [layers, heads, tokens],
    heads: [layers, heads],
    headPairs: [layers * heads, layers * heads],
    headPlane: [layers * heads, 2],
  };
  return Object.entries(shapes).map(([axes, shape]) => ({
    map: { ...map(`of_${axes}`, `Result of ${axes}`, ['map', 'headMaps', 'layerTokens', 'headTokens', 'heads'].includes(axes) ? layers : 0, ['headMaps', 'headTokens', 'heads'].includes(axes) ? heads : 0), axes, signed: true, analysis: `of-${axes}` },
    tensor: { shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => next() - 0.5) },
    method: { id: `of_${axes}`, title: `Result of ${axes}`, group: 'Signed', formula: 'x', axes, explainsPrediction: true },
  }));
}

function matrix({ shape, data }, layer, head) {
  const cells = shape.at(-1) ** 2;
  const at = head === undefined ? layer : layer * shape[1] + head;
  return data.subarray(at * cells, (at + 1) * cells);
}

/** Rows that sum to one, a few strong entries in each, as attention has them. */
function rows(count, width, next) {
  const data = new Float32Array(count * width);
  for (let row = 0; row < count; row++) {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += data[row * width + i] = next() ** 4 + 0.01;
    for (let i = 0; i < width; i++) data[row * width + i] /= sum;
  }
  return data;
}

/** Each thumbnail's cell is the largest score of the block it stands for. */
function thumbnails(data, count) {
  const maps = data.length / count ** 2;
  const small = new Float32Array(maps * thumbnailSize ** 2);
  for (let m = 0; m < maps; m++)
    for (let i = 0; i < count; i++)
      for (let j = 0; j < count; j++) {
        const at = m * thumbnailSize ** 2 + Math.floor((i * thumbnailSize) / count) * thumbnailSize + Math.floor((j * thumbnailSize) / count);
        small[at] = Math.max(small[at], data[m * count * count + i * count + j]);
      }
  return small;
}

function map(id, title, layers, heads) {
  return { id, title, group: 'Attention', axes: heads > 0 ? 'headMaps' : 'map', signed: false, layers, heads, formula: 'softmax(QKᵀ/√d)', paper: 'Vaswani et al. 2017', reading: 'Brighter is more.', caution: 'It is no explanation.' };
}
