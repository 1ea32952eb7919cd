/** Numbers do not change once they are read: each array is looked through once, however often it is drawn. */
const known = { largest: new WeakMap<Float32Array, number>(), highest: new WeakMap<Float32Array, number>() };

/** The largest number, whatever its sign; 1 where there is none but 0, so that shares of it can be told. */
export function largestOf(data: Float32Array): number {
  return once(known.largest, data, () => {
    let most = 0;
    for (let i = 0; i < data.length; i++) {
      const size = Math.abs(data[i]);
      if (size > most) most = size;
    }
    return most;
  });
}

/** The largest number above 0; 1 where there is none. */
export function highestOf(data: Float32Array): number {
  return once(known.highest, data, () => {
    let most = 0;
    for (let i = 0; i < data.length; i++) if (data[i] > most) most = data[i];
    return most;
  });
}

function once(found: WeakMap<Float32Array, number>, data: Float32Array, look: () => number): number {
  let most = found.get(data);
  if (most === undefined) found.set(data, (most = look() || 1));
  return most;
}
