// An analysis that takes seconds: it shows that it works, it can be cancelled, and a later one takes its place.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeRandomBert } from './randomBert.mjs';
import { missing } from './codeServer.mjs';
import { Workbench } from './workbench.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const vsix = join(root, 'out', 'attention.vsix');
const absent = missing() ?? (existsSync(vsix) ? undefined : 'no out/attention.vsix (run npm run package)');

describe('an analysis that takes seconds', { skip: absent && `end-to-end tests skipped: ${absent}` }, () => {
  let workbench;
  let page;
  let frame;
  let home;

  before(async () => {
    home = mkdtempSync(join(tmpdir(), 'attention-cancel-'));
    const model = join(home, 'random-bert');
    const folder = join(home, 'texts');
    writeRandomBert(model, join(root, 'models', 'attention-mini'));
    mkdirSync(folder);
    const words = readFileSync(join(root, 'tests', 'e2e', 'long.txt'), 'utf8').replace(/\s+/g, ' ').trim();
    writeFileSync(join(folder, 'slow.txt'), `${words} ${words} ${words}\n\nAnother text: ${words} ${words} ${words}\n\nA short text.\n`);
    workbench = await Workbench.start({ vsix, folder, extraSettings: { 'editor.wordWrap': 'off' }, machineSettings: { 'attention.model': model } });
    page = workbench.page;
    await workbench.openFile('slow.txt');
  });
  after(async () => {
    await workbench?.stop();
    if (home) rmSync(home, { recursive: true, force: true });
  });

  const busy = () => frame.locator('.notice .codicon-loading');

  it('says that it works, and stops when told so', async () => {
    await workbench.goTo(5, 1);
    await workbench.run('Attention: Analyze Attention');
    frame = await workbench.panel();
    await workbench.drawn(frame);
    const before = await workbench.analysis(frame);
    // Held before it begins: a fast machine would be done before the button is there to be pressed.
    const [server] = workbench.processes('serve --stdio');
    process.kill(server, 'SIGSTOP');
    await workbench.goTo(1, 1);
    await workbench.run('Attention: Analyze Attention');
    await busy().waitFor();
    const toast = page.locator('.notification-toast', { hasText: 'Analyzing attention' });
    // Sent straight to the button: the toast still moves when it is first seen.
    await toast.locator('.monaco-button', { hasText: 'Cancel' }).dispatchEvent('click');
    const pressed = Date.now();
    process.kill(server, 'SIGCONT');
    await busy().waitFor({ state: 'detached' });
    console.log(`    cancelled after ${Date.now() - pressed} ms`);
    await toast.waitFor({ state: 'detached' });
    assert.equal(await frame.locator('.notice.error').count(), 0);
    await page.waitForTimeout(2500);
    assert.equal(await workbench.analysis(frame), before, 'what was cancelled is shown');
  });

  it('gives way to a later one', async () => {
    await workbench.goTo(3, 1);
    await workbench.run('Attention: Analyze Attention');
    await busy().waitFor();
    await workbench.goTo(5, 1);
    await workbench.run('Attention: Analyze Attention');
    const short = page.locator('.tab', { hasText: 'A short text.' });
    await short.waitFor();
    await busy().waitFor({ state: 'detached' });
    await workbench.drawn(frame);
    // Long enough for the first to come back, had it not been cancelled.
    await page.waitForTimeout(4000);
    assert.ok(await short.isVisible());
    assert.equal(await page.locator('.notification-toast', { hasText: 'Analyzing' }).count(), 0);
  });
});
