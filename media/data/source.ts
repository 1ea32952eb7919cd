import type { AnalysisSummary, MapInfo, SliceParams } from '../../protocol/messages';
import { Safetensors, type Tensor } from './safetensors';

/** Where the numbers of an analysis come from. Views ask for the parts they show, never for the whole. */
export interface DataSource {
  slice(tensor: string, index: number[]): Promise<Tensor>;
}

/** All numbers in memory: a small file fetched once, or the data of an exported page. */
export class WholeFile implements DataSource {
  private readonly file: Promise<Safetensors>;

  constructor(bytes: Promise<ArrayBuffer>) {
    this.file = bytes.then((buffer) => new Safetensors(buffer));
  }

  async slice(tensor: string, index: number[]): Promise<Tensor> {
    return (await this.file).slice(tensor, index);
  }
}

/** Asks the host for one part at a time and keeps the latest ones. */
export class Slices implements DataSource {
  private static readonly keptBytes = 32 << 20;
  private readonly kept = new Map<string, { loading: Promise<Tensor>; bytes: number }>();
  private bytes = 0;

  constructor(
    private readonly analysis: string,
    private readonly ask: (slice: SliceParams) => Promise<{ uri: string; shape: number[] }>,
  ) {}

  slice(tensor: string, index: number[]): Promise<Tensor> {
    const key = `${tensor} ${index}`;
    const known = this.kept.get(key);
    if (known) {
      // Moved to the end: the front is what was not used for longest.
      this.kept.delete(key);
      this.kept.set(key, known);
      return known.loading;
    }
    const part = { loading: this.load(tensor, index), bytes: 0 };
    this.kept.set(key, part);
    part.loading.then(
      ({ data }) => {
        this.bytes += part.bytes = data.byteLength;
        this.trim();
      },
      () => this.kept.delete(key),
    );
    return part.loading;
  }

  private async load(tensor: string, index: number[]): Promise<Tensor> {
    const { uri, shape } = await this.ask({ analysis: this.analysis, tensor, index });
    const response = await fetch(uri);
    if (!response.ok) throw new Error(`The numbers could not be read (${response.status}).`);
    return { shape, data: new Float32Array(await response.arrayBuffer()) };
  }

  /** Lets go of what was not used for longest; what is still on its way stays. */
  private trim(): void {
    for (const [key, { bytes }] of this.kept) {
      if (this.bytes <= Slices.keptBytes) return;
      if (bytes === 0) continue;
      this.kept.delete(key);
      this.bytes -= bytes;
    }
  }
}

/** The name of a result's tensor. */
export function tensorOf(map: MapInfo): string {
  return map.tensor ?? map.id;
}

/** One map [T,T]. */
export function mapOf(source: DataSource, map: MapInfo, layer: number, head: number | undefined): Promise<Tensor> {
  return source.slice(tensorOf(map), map.heads > 0 ? [layer, head ?? 0] : [layer]);
}

/** Thumbnails [layers × max(heads, 1), n, n] as one list. */
export async function thumbnailsOf(source: DataSource, map: MapInfo, analysis: AnalysisSummary): Promise<{ size: number; data: Float32Array }> {
  const all = await source.slice(map.overview ?? tensorOf(map), []);
  return { size: map.overview ? all.shape[all.shape.length - 1] : analysis.tokens.length, data: all.data };
}
