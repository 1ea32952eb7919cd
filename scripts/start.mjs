// `npm start`: builds everything, analyses a demo text, and opens VS Code with the extension where there is one.
import { join } from 'node:path';
import { build } from './build.mjs';
import { has, root, run, say } from './run.mjs';

const attention = join(root, 'bin', process.platform === 'win32' ? 'attention.cmd' : 'attention');
const text = 'The window was open, and she closed [MASK] eyes.';
const report = join('out', 'demo', 'report.html');

build();
say('Analysing a demo text');
run(attention, ['analyze', text]);
run(attention, ['analyze', text, '--method', 'all', '--output', report]);
console.log(`\nReport: ${join(root, report)}`);
console.log('Next:   bin/attention, or npm test');

if (has('code')) {
  say('Packaging the extension and opening VS Code');
  run('npm', ['run', 'package', '--silent']);
  run('code', ['--install-extension', join('out', 'attention.vsix'), '--force']);
  run('code', ['demo']);
} else {
  console.log("VS Code's `code` is not on the PATH: `npm run package` makes out/attention.vsix to install by hand.");
}
