// Writes cases.json: what the Rust `tokenizers` library makes of random texts with each pipeline of pipelines.json.
//
//   npm install --no-save --prefix <folder> tokenizers@0.23.2
//   node tests/Attention.Tests/Text/Reference/make.mjs <folder> [texts per pipeline] [seed] [output file]
//
// A pipeline is a golden tokenizer.json ("base") with some of its members replaced ("set"). Offsets count code points.
import fs from 'node:fs';
import path from 'node:path';
import url from 'node:url';
import { createRequire } from 'node:module';

const [folder, count = '40', firstSeed = '1', output] = process.argv.slice(2);
if (!folder) throw new Error('Say which folder holds the node_modules with the tokenizers package (see the top of this file).');
const { Tokenizer } = createRequire(path.join(path.resolve(folder), 'node_modules', 'x.js'))('tokenizers');
const here = path.dirname(url.fileURLToPath(import.meta.url));
const golden = path.join(here, '../../../golden/tokenizers_json');

let state = Number(firstSeed);
function random(limit) {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % limit;
}
const pick = (list) => list[random(list.length)];

const all = [];
for (let c = 1; c < 0x110000; c++) if (/\p{Assigned}/u.test(String.fromCodePoint(c)) && !/[\p{Co}\p{Cs}]/u.test(String.fromCodePoint(c))) all.push(c);
const marks = all.filter((c) => /\p{M}/u.test(String.fromCodePoint(c)));
const compatible = all.filter((c) => String.fromCodePoint(c).normalize('NFKD') !== String.fromCodePoint(c));
const spaces = [9, 10, 11, 12, 13, 32, 32, 32, 0x85, 0xa0, 0x1680, 0x2003, 0x2028, 0x202f, 0x3000, 0x200b, 0x200d, 0xfeff, 0xad, 0x1c, 0];
const words = ('the The cat sat Hello world don\'t WE\'LL \'ſ Straße İstanbul naïve Café e\u0301 A\u030a ﬁ ﷺ ① ½ １２ 漢字 かな カﾞ ﾊﾟ 한국어 \u1100\u1161\u11a8 '
  + '👨‍👩‍👧 🇩🇪🇫🇷 👍🏽 ❤️ नमस्ते क्षि ภาษาไทย العربية ὈΔΥΣΣΕΎΣ Россия 1234567 3.14 a_b foo-bar ... ?! \'\' `` http://x.y/z?q=1 ##ing ▁ ▁▁a Ġ '
  + '[UNK] [MASK] [CLS] <s> </s> <mask> <|endoftext|> <|im_start|> <extra_id_0> <0x0A> <x> ẛ̣ 𝐀 𝅗𝅥 丽').split(' ');

function piece() {
  const kind = random(100);
  if (kind < 45) return pick(words);
  if (kind < 58) return String.fromCodePoint(pick(all));
  if (kind < 66) return String.fromCodePoint(pick(compatible));
  if (kind < 74) return pick(['a', 'e', 'Z', '漢']) + String.fromCodePoint(pick(marks)) + (random(2) ? String.fromCodePoint(pick(marks)) : '');
  if (kind < 92) return String.fromCodePoint(pick(spaces));
  return String.fromCodePoint(33 + random(94));
}
const text = () => Array.from({ length: 1 + random(8) }, () => piece() + (random(3) ? '' : ' ')).join('');

function build({ base, set }) {
  const json = JSON.parse(fs.readFileSync(path.join(golden, base, 'tokenizer.json'), 'utf8'));
  const rules = JSON.stringify(json.normalizer?.precompiled_charsmap ?? '');
  for (const [name, value] of Object.entries(set)) {
    if (name.startsWith('model.')) json.model[name.slice(6)] = value;
    else json[name] = value;
  }
  return Tokenizer.fromString(JSON.stringify(json).replace('"$base"', rules));
}

const results = {};
for (const pipeline of JSON.parse(fs.readFileSync(path.join(here, 'pipelines.json'), 'utf8'))) {
  const tokenizer = build(pipeline);
  const cases = [];
  for (let i = 0; i < Number(count); i++) {
    const source = text();
    const pair = random(8) ? null : text();
    const encoding = await tokenizer.encode(source, pair);
    cases.push({
      text: source, ...(pair === null ? {} : { pair }),
      ids: encoding.getIds(), tokens: encoding.getTokens().join('\u0000'), offsets: encoding.getOffsets().flat(),
      types: encoding.getTypeIds().join(''), decoded: await tokenizer.decode(encoding.getIds(), true),
    });
  }
  results[pipeline.name] = cases;
}
const lines = Object.entries(results).map(([name, cases]) => `${JSON.stringify(name)}: [\n${cases.map((c) => JSON.stringify(c)).join(',\n')}\n]`);
fs.writeFileSync(output ?? path.join(here, 'cases.json'), `{\n${lines.join(',\n')}\n}\n`);
