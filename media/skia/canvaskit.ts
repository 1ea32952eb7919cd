import CanvasKitInit, { type CanvasKit } from 'canvaskit-wasm';

let loading: Promise<CanvasKit> | undefined;

/** Skia, loaded once. Its binary comes from the extension's folder or from inside the page, never from a network. */
export function loadSkia(binary: Promise<string>): Promise<CanvasKit> {
  loading ??= binary.then((uri) => CanvasKitInit({ locateFile: () => uri }));
  return loading;
}

/** Skia's binary as it is shipped, packed; unpacked here, where it costs less than sending it whole. */
export async function unpack(packed: Response): Promise<string> {
  const unpacked = new Response(packed.body!.pipeThrough(new DecompressionStream('gzip')));
  return URL.createObjectURL(new Blob([await unpacked.arrayBuffer()], { type: 'application/wasm' }));
}
