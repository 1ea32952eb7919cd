// A user's first minutes with the extension, in a real workbench.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { missing, Workbench } from './workbench.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const vsix = join(root, 'out', 'attention.vsix');
const absent = missing() ?? (existsSync(vsix) ? undefined : 'no out/attention.vsix (run npm run package)');

describe('the panel in VS Code', { skip: absent && `end-to-end tests skipped: ${absent}` }, () => {
  let workbench;
  let frame;

  before(async () => {
    workbench = await Workbench.start({ vsix, folder: join(root, 'demo') });
    await workbench.openFile('agreement.md');
  });
  after(() => workbench?.stop());

  it('analyses the paragraph under the cursor and draws it', async () => {
    const { page } = workbench;
    await page.keyboard.press('Control+G');
    await page.keyboard.type('3:5');
    await page.keyboard.press('Enter');
    const started = Date.now();
    await workbench.palette('Attention: Analyze Attention');
    frame = await workbench.panel();
    await workbench.drawn(frame);
    console.log(`    cold: picture ${Date.now() - started} ms after the palette was opened`);
    await workbench.screenshot('dark');
  });
});
