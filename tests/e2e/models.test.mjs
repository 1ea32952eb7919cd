// Models come and go in the editor: downloaded from a Hub that the test plays, listed, used, deleted.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { missing } from './codeServer.mjs';
import { playHub } from './hub.mjs';
import { Workbench } from './workbench.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const vsix = join(root, 'out', 'attention.vsix');
const absent = missing() ?? (existsSync(vsix) ? undefined : 'no out/attention.vsix (run npm run package)');
const model = 'owner/tiny';

describe('models in VS Code', { skip: absent && `end-to-end tests skipped: ${absent}` }, () => {
  const slow = { milliseconds: 300 };
  let workbench;
  let page;
  let folder;
  let cache;
  let hub;

  const notification = (text) => page.locator('.notification-toast', { hasText: text });
  const row = (text) => page.locator('.pane-body .monaco-list-row', { hasText: text });
  const download = async (name) => {
    await workbench.run('Attention: Download Model…');
    const input = page.locator('.quick-input-widget input').first();
    await input.waitFor();
    await input.fill(name);
    await page.keyboard.press('Enter');
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'attention-models-'));
    cache = mkdtempSync(join(tmpdir(), 'attention-hub-'));
    cpSync(join(root, 'demo'), folder, { recursive: true });
    hub = await playHub(model, join(root, 'models', 'attention-mini-qa'), slow);
    workbench = await Workbench.start({ vsix, folder, variables: { HF_ENDPOINT: hub.endpoint, HF_HUB_CACHE: cache } });
    page = workbench.page;
    await workbench.openFile('agreement.md');
  });
  after(async () => {
    await workbench?.stop();
    hub?.close();
    for (const made of [folder, cache]) rmSync(made, { recursive: true, force: true });
  });

  it('lists what comes with the extension', async () => {
    await workbench.run('Attention: Focus on Models View');
    await row('attention-mini').first().waitFor();
    assert.match(await row('attention-mini-qa').innerText(), /BERT · question answering · \d+ MB/);
    await workbench.screenshot('models');
  });

  it('says in one sentence why a model cannot be had', async () => {
    await download('owner/gated');
    const refusal = notification('it is gated: accept its terms');
    await refusal.waitFor();
    await page.keyboard.press('Escape');
    await workbench.run('Notifications: Clear All Notifications');
  });

  it('keeps what was fetched when a download is stopped', async () => {
    await download(model);
    const progress = notification(`Downloading ${model}`);
    await progress.waitFor();
    await workbench.until(async () => /of \d+ MB/.test(await progress.innerText()));
    await progress.locator('.monaco-button', { hasText: 'Cancel' }).click();
    await progress.waitFor({ state: 'detached' });
    await workbench.run('Notifications: Show Notifications');
    await page.locator('.notification-list-item', { hasText: 'What was fetched is kept' }).waitFor();
    assert.ok(readdirSync(join(cache, 'models--owner--tiny', 'blobs')).some((name) => name.endsWith('.incomplete')));
    await workbench.run('Notifications: Clear All Notifications');
  });

  it('goes on with it, and uses the model when told to', async () => {
    slow.milliseconds = 0;
    await download(model);
    const ready = notification(`${model} is ready`);
    await ready.waitFor();
    await ready.locator('.monaco-button', { hasText: 'Use This Model' }).click();
    await page.locator('.statusbar-item', { hasText: `${model} · CPU` }).waitFor();
    const frame = await workbench.panel();
    await frame.locator('.controls', { hasText: model }).waitFor();
    await row(model).waitFor();
    await workbench.screenshot('downloaded');
  });

  it('offers it in the list of models', async () => {
    await workbench.run('Attention: Select Model…');
    await page.locator('.quick-input-list .monaco-list-row', { hasText: model }).waitFor();
    await workbench.pick('masked LM');
    await page.locator('.statusbar-item', { hasText: 'attention-mini · CPU' }).waitFor();
  });

  it('deletes it after a question that tells its size', async () => {
    await row(model).hover();
    await row(model).locator('.action-label.codicon-trash').click();
    const dialog = page.locator('.monaco-dialog-box', { hasText: `Delete ${model}` });
    await dialog.waitFor();
    assert.match(await dialog.innerText(), /\d+ MB on disk/);
    await dialog.locator('.monaco-button', { hasText: 'Delete' }).click();
    await row(model).waitFor({ state: 'detached' });
    assert.ok(!existsSync(join(cache, 'models--owner--tiny')));
  });

  it('asked nothing outside this machine', () => {
    assert.deepEqual(workbench.outside, []);
  });
});
