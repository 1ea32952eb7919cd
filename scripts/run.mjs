// Runs commands for the other scripts, in the root of the checkout, and says what is going on.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

export function say(text) {
  console.log(`\x1b[36m▸\x1b[0m ${text}`);
}

/** Runs a command with its output shown; a failure ends the script with the command's own exit code. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    // npm and other .cmd files need a shell on Windows.
    shell: process.platform === 'win32',
    ...options,
    env: { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1', ...options.env },
  });
  if (result.error) {
    console.error(`${command}: ${result.error.code === 'ENOENT' ? 'not found: install it first (README.md names what is needed)' : result.error.message}`);
    process.exit(1);
  }
  if (result.status !== 0) process.exit(result.status ?? 1);
  return result;
}

/** True when a program is on the PATH. */
export function has(program) {
  const probe = process.platform === 'win32' ? 'where' : 'which';
  return spawnSync(probe, [program], { stdio: 'ignore' }).status === 0;
}
