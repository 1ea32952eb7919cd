import type { MapInfo } from '../../protocol/messages';
import { tensorOf } from '../data/source';
import { cutAt, treeOf, type Branch } from '../data/tree';
import { element } from '../panel/elements';
import { hasThumbnails, thumbnails, type Family } from '../panel/results';
import { number } from '../toolkit/labels';
import type { Head, HeadGroup } from '../views/heads';
import { noMatrix, type Draw, type Wanted } from './drawing';
import { HeadsView } from './headsView';
import { drawMap } from './map';
import { defaultCut } from './modelControls';

/** At least this share of a head's attention makes a pattern, and this share of the largest entropy makes it broad. */
const patternShare = 0.4;
const broadShare = 0.8;

interface Arranged {
  groups: HeadGroup[];
  perRow?: number;
  tree?: { root: Branch; cut: number };
  notes?: string[];
  caption: string;
  caution?: string;
}

/** Every head of the model at once, put together by what it does; as a map where a result has no heads to compare. */
export const drawModel: Draw = async (wanted, tools) => {
  const { analysis, view, family, current } = wanted;
  if (!hasThumbnails(family)) return drawMap(wanted, tools);
  const made = await headsOf(wanted);
  const arranged = await arrange(wanted, made.heads);
  if (!arranged || !current()) return undefined;
  const heads = made.heads.map((head, i) => ({ ...head, note: arranged.notes?.[i] ?? '' }));
  const { layer, head } = view.choice;
  const selected = heads.findIndex((one) => one.layer === layer && one.head === (head ?? -1));
  const title = `${family.title}: ${heads.length} ${made.perHead ? 'heads' : 'layers'}`;
  return {
    title,
    caption: [element('p', {}, element('strong', {}, `${title}. `), `${arranged.caption} Click one to look at it.`), ...(arranged.caution ? [element('details', {}, element('summary', {}, 'What this does not mean'), element('p', {}, arranged.caution))] : [])],
    shown: noMatrix(title),
    scale: false,
    view: new HeadsView(
      { key: `${analysis.id} ${view.changed ?? ''} ${family.id} ${family.columns[0].map.analysis ?? ''}`, heads, size: made.size, diverging: family.columns[0].map.signed, groups: arranged.groups, perRow: arranged.perRow, asLines: view.asLines ?? false, tree: arranged.tree, selected: selected < 0 ? undefined : selected },
      (at) => tools.onChange({ ...view, picture: undefined, heads: undefined, choice: { ...view.choice, map: made.mapOf(at).id, analysis: made.mapOf(at).analysis, layer: heads[at].layer, head: made.perHead ? heads[at].head : undefined } }),
    ),
    alike: true,
    controls: 'model',
  };
};

/** Whether a family has heads that can be put in an order. */
export function orderable(family: Family): boolean {
  return family.id === 'attention' && family.columns.some((column) => column.head !== undefined);
}

async function headsOf({ analysis, family, sourceOf }: Wanted): Promise<{ heads: Omit<Head, 'note'>[]; size: number; perHead: boolean; mapOf: (at: number) => MapInfo }> {
  const { size, data } = await thumbnails(sourceOf, family, analysis);
  const count = family.columns.length;
  const columns = family.columns.flatMap((column, at) => (column.head === undefined ? [] : [{ at, head: column.head }]));
  const perHead = columns.length > 0;
  const shown = perHead ? columns : [{ at: 0, head: 0 }];
  const heads = Array.from({ length: family.layers }, (_, layer) => shown.map(({ at, head }) => ({ layer, head, data: data[layer * count + at] }))).flat();
  return { heads, size, perHead, mapOf: (at) => family.columns[shown[at % shown.length].at].map };
}

async function arrange(wanted: Wanted, heads: Omit<Head, 'note'>[]): Promise<Arranged | undefined> {
  const { view, family, analysis } = wanted;
  const all = heads.map((_, i) => i);
  const perRow = heads.length / family.layers;
  if (!orderable(family) || !view.order) return { groups: [{ title: '', heads: all }], perRow, caption: 'A row for each layer, the input at the top, a column for each head; each picture has a scale of its own.' };
  const read = async (method: string) => {
    const map = await wanted.computed(method);
    return map && { map, data: (await wanted.sourceOf(map).slice(tensorOf(map), [])).data };
  };
  if (view.order === 'focus') {
    const entropies = await read('entropy_head');
    if (!entropies) return undefined;
    const order = [...all].sort((a, b) => entropies.data[a] - entropies.data[b]);
    return { groups: [{ title: 'Narrow to broad', heads: order }], notes: all.map((i) => `entropy ${number(entropies.data[i])}`), caption: 'Heads whose tokens look at one place each come first, those that look everywhere last, by the mean entropy of their rows.', caution: entropies.map.caution };
  }
  if (view.order === 'pattern') {
    const patterns = await read('head_patterns');
    return patterns && byPattern(all, patterns.map, patterns.data);
  }
  const joins = await read('head_tree');
  if (!joins) return undefined;
  const root = treeOf(joins.data);
  const cut = (view.cut ?? defaultCut) * root.height;
  const groups = cutAt(root, cut).map((branch, i): HeadGroup => ({ title: `Group ${i + 1}`, heads: branch.leaves, ink: { series: i } }));
  const caption = `Heads that look at the same places in this text hang together: ${analysis.model.layers * analysis.model.heads} heads in ${groups.length} groups, cut off at a distance of ${number(cut)}.`;
  return { groups, tree: { root, cut }, caption, caution: joins.map.caution };
}

function byPattern(all: number[], map: MapInfo, data: Float32Array): Arranged {
  const names = map.parts ?? [];
  const share = (head: number, pattern: number) => data[head * names.length + pattern];
  const broad = names.length - 1;
  const patternOf = (head: number) => {
    const best = names.slice(0, broad).reduce((found, _, i) => (share(head, i) > share(head, found) ? i : found), 0);
    return share(head, best) >= patternShare ? best : share(head, broad) >= broadShare ? broad : names.length;
  };
  const groups = [...names, 'Other']
    .map((title, pattern): HeadGroup => ({ title, heads: all.filter((head) => patternOf(head) === pattern).sort((a, b) => (pattern < names.length ? share(b, pattern) - share(a, pattern) : a - b)) }))
    .filter((group) => group.heads.length > 0);
  const notes = all.map((head) => names.map((name, i) => `${name.toLowerCase()} ${number(share(head, i))}`).join(', '));
  return { groups, notes, caption: `Heads by what at least ${Math.round(100 * patternShare)} % of their attention goes to, or Broad where it is spread over most of the text; strongest first.`, caution: map.caution };
}
