import CanvasKitInit, { type CanvasKit } from 'canvaskit-wasm';

let loading: Promise<CanvasKit> | undefined;

/** Skia, loaded once. Its binary comes from the extension's folder or from inside the page, never from a network. */
export function loadSkia(binary: Promise<string>): Promise<CanvasKit> {
  loading ??= binary.then((uri) => CanvasKitInit({ locateFile: () => uri }));
  return loading;
}
