// Loads the views' own TypeScript modules into Node, so that tests measure the code that ships.
import { join } from 'node:path';
import { build } from 'esbuild';

export const root = join(import.meta.dirname, '..', '..');

/** The exports of one module under media/. */
export async function load(path) {
  const made = await build({ entryPoints: [join(root, 'media', path)], bundle: true, format: 'esm', platform: 'neutral', write: false, logLevel: 'silent' });
  return import(`data:text/javascript;base64,${Buffer.from(made.outputFiles[0].contents).toString('base64')}`);
}
