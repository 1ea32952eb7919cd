// Installs what the checkout needs, builds the server and bundles the extension. Cheap when nothing changed.
import { existsSync, readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { root, run, say } from './run.mjs';

export function build() {
  install();
  say('Building the server');
  run('dotnet', ['build', 'AttentionServer.sln', '-c', 'Release', '-v', 'quiet', '-clp:NoSummary']);
  say('Bundling the extension and its views');
  run(process.execPath, ['scripts/bundle.mjs']);
}

/** npm ci, unless node_modules already is what package-lock.json says. */
function install() {
  const lock = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
  const stamp = join(root, 'out', 'installed');
  const current = existsSync(join(root, 'node_modules')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lock;
  if (current) return;
  say('Installing packages (npm ci)');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  mkdirSync(join(root, 'out'), { recursive: true });
  writeFileSync(stamp, lock);
}

if (process.argv[1] === import.meta.filename) build();
