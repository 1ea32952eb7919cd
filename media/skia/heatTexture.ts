import type { CanvasKit, Image } from 'canvaskit-wasm';

/**
 * A matrix of scores as images for the colour-map shader, one for each level of detail. A cell of a coarser level is the
 * strongest of the four below it, so that a lone bright cell never vanishes when a map is seen from afar.
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

  /** Scores as 24-bit shares of the range in red, green and blue: exact everywhere, which float textures are not. */
  private upload(data: Float32Array, columns: number, rows: number): Image {
    const pixels = new Uint8Array(columns * rows * 4);
    const [low, high] = this.range;
    const factor = high > low ? 0xffffff / (high - low) : 0;
    for (let i = 0; i < data.length; i++) {
      const share = Math.min(0xffffff, Math.max(0, Math.round((data[i] - low) * factor)));
      pixels[4 * i] = share >> 16;
      pixels[4 * i + 1] = (share >> 8) & 255;
      pixels[4 * i + 2] = share & 255;
      pixels[4 * i + 3] = 255;
    }
    const { kit } = this;
    const info = { width: columns, height: rows, colorType: kit.ColorType.RGBA_8888, alphaType: kit.AlphaType.Opaque, colorSpace: kit.ColorSpace.SRGB };
    const image = kit.MakeImage(info, pixels, columns * 4);
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
