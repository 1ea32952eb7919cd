/**
 * The places of the largest numbers (by magnitude), at most so many, largest first; numbers not above `least` are left out. Millions
 * are looked through twice and never sorted: numbers are counted by size first, and only those that can be among them are taken.
 */
export function strongest(data: Float32Array, most: number, least = 0, wanted: (at: number) => boolean = () => true): number[] {
  const bins = 2048;
  let largest = 0;
  for (let at = 0; at < data.length; at++) largest = Math.max(largest, Math.abs(data[at]) || 0);
  if (largest === 0) return [];
  const counts = new Uint32Array(bins);
  const bin = (value: number) => Math.min(bins - 1, Math.floor((value / largest) * bins));
  for (let at = 0; at < data.length; at++) {
    const value = Math.abs(data[at]);
    if (value > least && wanted(at)) counts[bin(value)]++;
  }
  let lowest = bins - 1;
  for (let count = counts[lowest]; lowest > 0 && count < most; ) count += counts[--lowest];
  const found: number[] = [];
  for (let at = 0; at < data.length; at++) {
    const value = Math.abs(data[at]);
    if (value > least && bin(value) >= lowest && wanted(at)) found.push(at);
  }
  return found.sort((a, b) => Math.abs(data[b]) - Math.abs(data[a])).slice(0, most);
}
