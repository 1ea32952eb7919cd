import type { CanvasKit, Image } from 'canvaskit-wasm';
import { table, type ScaleName } from '../scene/colour';

/**
 * A matrix of scores as images in the colours of a scale, one for each level of detail. A cell of a coarser level is the
 * strongest of the four below it, so that a lone bright cell never vanishes when a map is seen from afar. Coloured once and
 * not by a shader in every frame: where no GPU helps, the shader took four times as long as copying pixels.
 */
export class HeatTexture {
  private readonly levels: { data: Float32Array; columns: number; rows: number; image?: Image }[];

  constructor(
    private readonly kit: CanvasKit,
    data: Float32Array,
    columns: number,
    rows: number,
    private readonly range: [number, number],
    private readonly diverging: boolean,
    private readonly scale: ScaleName,
  ) {
    this.levels = [{ data, columns, rows }];
  }

  get cells(): number {
    return this.levels[0].columns * this.levels[0].rows;
  }

  /** The level whose cells are about as large as a pixel, or larger. */
  level(pixelsPerCell: number): { image: Image; columns: number; rows: number; scale: number } {
    const wanted = pixelsPerCell >= 1 ? 0 : Math.ceil(Math.log2(1 / pixelsPerCell));
    while (this.levels.length <= wanted && this.levels[this.levels.length - 1].columns * this.levels[this.levels.length - 1].rows > 1) this.levels.push(halve(this.levels[this.levels.length - 1], this.diverging));
    const index = Math.min(wanted, this.levels.length - 1);
    const found = this.levels[index];
    found.image ??= this.upload(found.data, found.columns, found.rows);
    return { image: found.image, columns: found.columns, rows: found.rows, scale: 2 ** index };
  }

  delete(): void {
    for (const level of this.levels) level.image?.delete();
  }

  private upload(data: Float32Array, columns: number, rows: number): Image {
    const colours = table(this.scale, this.diverging);
    const words = new Uint32Array(colours.buffer, colours.byteOffset, colours.length / 4);
    const last = words.length - 1;
    const pixels = new Uint32Array(columns * rows);
    const [low, high] = this.range;
    const factor = high > low ? last / (high - low) : 0;
    // What is no number has the colour of nothing.
    const nothing = this.diverging ? Math.round(-low * factor) : 0;
    for (let i = 0; i < data.length; i++) {
      const step = Number.isNaN(data[i]) ? nothing : Math.round((data[i] - low) * factor);
      pixels[i] = words[step > 0 ? (step < last ? step : last) : 0];
    }
    const { kit } = this;
    const info = { width: columns, height: rows, colorType: kit.ColorType.RGBA_8888, alphaType: kit.AlphaType.Opaque, colorSpace: kit.ColorSpace.SRGB };
    const image = kit.MakeImage(info, new Uint8Array(pixels.buffer), columns * 4);
    if (!image) throw new Error(`Skia made no image of ${columns} × ${rows} cells.`);
    return image;
  }
}

function halve(from: { data: Float32Array; columns: number; rows: number }, diverging: boolean): { data: Float32Array; columns: number; rows: number } {
  const columns = Math.ceil(from.columns / 2);
  const rows = Math.ceil(from.rows / 2);
  const data = new Float32Array(columns * rows).fill(diverging ? 0 : -Infinity);
  for (let i = 0; i < from.rows; i++)
    for (let j = 0; j < from.columns; j++) {
      const at = (i >> 1) * columns + (j >> 1);
      const score = from.data[i * from.columns + j];
      if (diverging ? Math.abs(score) > Math.abs(data[at]) : score > data[at]) data[at] = score;
    }
  return { data, columns, rows };
}
