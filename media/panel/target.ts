import type { AnalysisSummary, Prediction } from '../../protocol/messages';
import { readable } from '../toolkit/labels';
import { element } from './elements';

const own = '';
const typed = 'typed';
/** Heads that choose among words, of which any can be typed. */
const wordHeads = ['mlm', 'lm'];

/** Which prediction is explained: what the model says itself, another candidate, any word, or one against another. */
export class TargetPicker {
  readonly root = element('div', { class: 'target' });
  onChange: (target: string | undefined) => void = () => {};
  private readonly what = element('select', { 'aria-label': 'Prediction to explain', title: 'Prediction to explain' });
  private readonly word = element('input', { type: 'text', 'aria-label': 'Word to explain', placeholder: 'any word', hidden: true, spellcheck: 'false' });
  private readonly versus = element('select', { 'aria-label': 'Instead of', title: 'Explain why this and not that' });
  private predictions: Prediction[] = [];
  private target?: string;

  constructor() {
    this.root.append(this.what, this.word, this.versus);
    this.what.addEventListener('change', () => this.changed(true));
    this.versus.addEventListener('change', () => this.changed(false));
    this.word.addEventListener('change', () => this.changed(false));
  }

  /** The prediction stated; undefined for what the model says itself. */
  get value(): string | undefined {
    return this.target;
  }

  offer(analysis: AnalysisSummary, target: string | undefined): void {
    this.predictions = analysis.predictions;
    const options = this.predictions.flatMap((prediction) =>
      prediction.candidates.map((candidate) => element('option', { value: candidate.target }, `${readable(candidate.text)}${placeOf(prediction)} — ${candidate.probability.toFixed(2)}`)),
    );
    const anyWord = wordHeads.includes(analysis.model.head) && this.predictions.length > 0 ? [element('option', { value: typed }, 'Another word…')] : [];
    this.what.replaceChildren(element('option', { value: own }, 'What the model predicts'), ...options, ...anyWord);
    this.target = target;
    const [plain] = split(target);
    const known = [...this.what.options].some((option) => option.value === plain);
    this.what.value = target === undefined ? own : known ? plain : typed;
    this.word.hidden = this.what.value !== typed;
    this.word.value = /word=([^,]*)/.exec(plain)?.[1] ?? '';
    this.offerVersus(split(target)[1]);
  }

  private changed(another: boolean): void {
    this.word.hidden = this.what.value !== typed;
    if (another) this.offerVersus('');
    if (this.what.value === typed && !this.word.value.trim()) {
      this.word.focus();
      return;
    }
    const place = this.predictions[0]?.token ?? 0;
    const plain = this.what.value === typed ? `pos=${place},word=${this.word.value.trim()}` : this.what.value;
    this.target = plain === own ? undefined : this.versus.value ? `${plain},versus=${this.versus.value}` : plain;
    this.onChange(this.target);
  }

  /** What the chosen candidate can be held against: others of the same prediction. */
  private offerVersus(value: string): void {
    const chosen = this.what.value;
    const prediction = this.predictions.find((p) => p.candidates.some((candidate) => candidate.target === chosen)) ?? this.predictions[0];
    const key = (target: string) => /(?:id|class)=(\d+)$/.exec(target)?.[1];
    const others = chosen === own ? [] : (prediction?.candidates ?? []).filter((candidate) => candidate.target !== chosen && key(candidate.target) !== undefined && !candidate.target.startsWith('span'));
    this.versus.hidden = others.length === 0;
    this.versus.replaceChildren(element('option', { value: '' }, 'on its own'), ...others.map((candidate) => element('option', { value: key(candidate.target)! }, `instead of ${readable(candidate.text)}`)));
    this.versus.value = [...this.versus.options].some((option) => option.value === value) ? value : '';
  }
}

/** A target as readers know it: "are" at token 3, instead of "is"; and as the terminal takes it. */
export function targetText(target: string, predictions: Prediction[]): string {
  const [plain, versus] = split(target);
  const named = (wanted: (target: string) => boolean) => {
    for (const prediction of predictions) for (const candidate of prediction.candidates) if (wanted(candidate.target)) return `“${readable(candidate.text)}”${placeOf(prediction)}`;
    return undefined;
  };
  const what = named((known) => known === plain) ?? quoted(/word=([^,]*)/.exec(plain)?.[1]);
  const other = versus && named((known) => known.startsWith(plain.split(/id=|class=/)[0]) && known.endsWith(`=${versus}`));
  return what === undefined ? target : `${what}${other ? ` instead of ${other.split(' at token ')[0]}` : ''} (${target})`;
}

function quoted(word: string | undefined): string | undefined {
  return word === undefined ? undefined : `“${word}”`;
}

function split(target: string | undefined): [string, string] {
  const [plain, versus] = (target ?? '').split(',versus=');
  return [plain, versus ?? ''];
}

function placeOf(prediction: Prediction): string {
  return prediction.token === undefined ? '' : ` at token ${prediction.token}`;
}
