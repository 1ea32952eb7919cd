/** Reads tensors out of a safetensors file held in memory, as numbers. */

export interface Tensor {
  shape: number[];
  data: Float32Array;
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

export class Safetensors {
  private readonly entries: Record<string, Entry>;
  private readonly start: number;

  constructor(private readonly buffer: ArrayBuffer) {
    const length = Number(new DataView(buffer).getBigUint64(0, true));
    this.start = 8 + length;
    this.entries = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  }

  /** The part of a tensor under the first indices. */
  slice(name: string, index: number[]): Tensor {
    const entry = this.entries[name];
    if (!entry) throw new Error(`The analysis has no tensor '${name}'.`);
    let count = entry.shape.reduce((a, b) => a * b, 1);
    let from = 0;
    index.forEach((i, axis) => {
      if (i < 0 || i >= entry.shape[axis]) throw new Error(`'${name}' has no index ${i} on axis ${axis}.`);
      count /= entry.shape[axis];
      from += i * count;
    });
    return { shape: entry.shape.slice(index.length), data: this.numbers(entry, from, count) };
  }

  private numbers(entry: Entry, from: number, count: number): Float32Array {
    const at = this.start + entry.data_offsets[0];
    switch (entry.dtype) {
      case 'F32':
        // A copy, because the header may leave the data unaligned.
        return new Float32Array(this.buffer.slice(at + from * 4, at + (from + count) * 4));
      case 'F16':
        return widen(new Uint16Array(this.buffer.slice(at + from * 2, at + (from + count) * 2)));
      default:
        throw new Error(`Numbers of type ${entry.dtype} cannot be shown.`);
    }
  }
}

/** 16-bit IEEE floats as 32-bit ones. */
export function widen(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}
