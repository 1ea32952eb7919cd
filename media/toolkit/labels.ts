/** Which labels of an axis can be shown without any two overlapping. */

/**
 * Indices to label: evenly thinned to at least `spacing` pixels apart, those in `always` (hovered, selected) first, and
 * none nearer to one of them than that.
 */
export function thin(centres: number[], spacing: number, from: number, to: number, always: number[]): number[] {
  const shown = new Set<number>();
  const fits = (i: number) => [...shown].every((other) => Math.abs(centres[other] - centres[i]) >= spacing);
  for (const i of always) if (centres[i] >= from && centres[i] <= to && fits(i)) shown.add(i);
  const kept = [...shown].map((i) => centres[i]).sort((a, b) => a - b);
  const cell = centres.length > 1 ? centres[1] - centres[0] : spacing;
  const step = Math.max(1, Math.ceil(spacing / cell - 1e-6));
  let k = 0;
  for (let i = 0; i < centres.length; i += step) {
    if (centres[i] < from || centres[i] > to) continue;
    while (k < kept.length && kept[k] < centres[i] - spacing) k++;
    const near = kept.slice(k, k + 2).some((c) => Math.abs(c - centres[i]) < spacing);
    if (!near) shown.add(i);
  }
  return [...shown].sort((a, b) => a - b);
}

/** A text cut to a width, with an ellipsis where something is missing. */
export function fit(text: string, width: number, measure: (text: string) => number): string {
  if (measure(text) <= width) return text;
  const letters = [...text];
  let low = 0;
  let high = letters.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (measure(`${letters.slice(0, middle).join('')}…`) <= width) low = middle;
    else high = middle - 1;
  }
  return `${letters.slice(0, low).join('')}…`;
}

/** Tokens as people read them: word pieces keep their mark, white space becomes visible. */
export function readable(token: string): string {
  return token.replace(/\n/g, '⏎').replace(/\t/g, '⇥').replace(/^\s+$/, '␣');
}

/** Three decimals, and a plain 0 for nothing at all. */
export function number(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) < 0.0005) return value > 0 ? '<0.001' : '>−0.001';
  return value.toFixed(3).replace('-', '−');
}

/** So many decimals at most, for where a number has little room. */
export function shorter(decimals: number): (value: number) => string {
  return (value) => (value !== 0 && Math.abs(value) < 0.5 * 10 ** -decimals ? '≈0' : value === 0 ? '0' : value.toFixed(decimals).replace('-', '−'));
}
