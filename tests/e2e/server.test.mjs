// What a user meets when the server is missing, broken, idle, or slow, and after the window was reloaded.
import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { missing } from './codeServer.mjs';
import { Workbench } from './workbench.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const vsix = join(root, 'out', 'attention.vsix');
const absent = missing() ?? (existsSync(vsix) ? undefined : 'no out/attention.vsix (run npm run package)');
const idleSeconds = 8;

describe('the server behind the extension', { skip: absent && `end-to-end tests skipped: ${absent}` }, () => {
  let workbench;
  let page;
  let frame;
  let folder;
  let own;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'attention-server-'));
    cpSync(join(root, 'demo'), folder, { recursive: true });
    own = join(folder, 'my-server');
    const extraSettings = { 'editor.occurrencesHighlight': 'off', 'editor.renderLineHighlight': 'none' };
    workbench = await Workbench.start({ vsix, folder, extraSettings, machineSettings: { 'attention.server.path': own, 'attention.server.idleMinutes': idleSeconds / 60 } });
    page = workbench.page;
    await workbench.openFile('agreement.md');
    await workbench.goTo(3, 5);
  });
  after(async () => {
    await workbench?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A server of the user's own that notes each start of it. */
  function install(commands, mode = 0o755) {
    writeFileSync(own, `#!/bin/sh\necho started >> "${own}.starts"\n${commands}\n`);
    chmodSync(own, mode);
    rmSync(`${own}.starts`, { force: true });
  }
  const starts = () => (existsSync(`${own}.starts`) ? readFileSync(`${own}.starts`, 'utf8').trim().split('\n').length : 0);
  const servers = () => workbench.processes('serve --stdio');
  /** Waits until tokens are tinted, or no longer are. */
  const tinted = (wanted) => page.waitForFunction((wanted) => wanted === [...document.querySelectorAll('.view-overlays .cdr')].some((mark) => getComputedStyle(mark).backgroundColor !== 'rgba(0, 0, 0, 0)'), wanted);

  /** The hover of a word, as soon as the server has one for it. */
  async function hover(word, content) {
    const popup = page.locator('.monaco-hover:not(.hidden)', { hasText: content });
    for (let attempt = 0; ; attempt++) {
      await page.locator('.view-line span span', { hasText: word }).first().hover();
      try {
        await popup.waitFor({ timeout: 1500 });
        return await popup.innerText();
      } catch (error) {
        if (attempt === 6) throw error;
      } finally {
        await page.keyboard.press('Escape');
        await page.mouse.move(5, 400);
      }
    }
  }

  /** The one message on screen, which is then closed. */
  async function message() {
    const toast = page.locator('.notification-toast');
    await toast.first().waitFor();
    await page.waitForTimeout(700);
    assert.equal(await toast.count(), 1, 'one message, not several');
    const text = await toast.locator('.notification-list-item-message').innerText();
    await page.keyboard.press('Escape');
    await workbench.palette('Notifications: Clear All Notifications');
    await toast.first().waitFor({ state: 'detached' });
    return text;
  }

  it('names the file when there is no server, and the setting to correct', async () => {
    await workbench.run('Attention: Analyze Attention');
    assert.equal(await message(), `The Attention server is missing or not executable: ${own}. Correct the setting attention.server.path.`);
    frame = await workbench.panel();
    await frame.locator('.notice.error', { hasText: own }).waitFor();
  });

  it('says so when the file is not executable', async () => {
    install('exit 0', 0o644);
    await workbench.run('Attention: Analyze Attention');
    assert.match(await message(), /missing or not executable/);
  });

  it('repeats what a server said that ended while it started, and starts it once', async () => {
    install('echo "my-server: libc.so.6: version GLIBC_2.99 not found" >&2; exit 1');
    await workbench.run('Attention: Analyze Attention');
    assert.equal(await message(), `The Attention server could not be started: my-server: libc.so.6: version GLIBC_2.99 not found (${own}).`);
    assert.equal(starts(), 1);
  });

  it('says which file it is that is no program', async () => {
    writeFileSync(own, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0, 0]));
    await workbench.run('Attention: Analyze Attention');
    assert.match(await message(), /^The Attention server could not be started: .*my-server/);
  });

  it('works as soon as the server does', async () => {
    const extensions = join(workbench.home, 'extensions');
    const installed = readdirSync(extensions).find((name) => name.startsWith('attention-vscode.'));
    install(`exec "${join(extensions, installed, 'server', 'attention')}" "$@"`);
    await page.keyboard.press('Control+K');
    await page.keyboard.press('Control+A');
    await workbench.drawn(frame);
    assert.equal(starts(), 1);
    await workbench.until(() => servers().length === 1);
  });

  it('stops a server that has nothing to do, and keeps the picture and the tints', async () => {
    await tinted(true);
    await workbench.until(() => servers().length === 0, (idleSeconds + 10) * 1000);
    await tinted(true);
    assert.ok((await workbench.drawn(frame)) > 8);
  });

  it('starts it again for the next question, and tells it what is on screen', async () => {
    await frame.locator('select[aria-label=Layer]').selectOption({ label: 'Layer 2' });
    await frame.locator('.caption', { hasText: 'layer 2 of 4' }).waitFor();
    await workbench.until(() => starts() === 2);
    assert.match(await hover('cabinet', 'layer 2'), /importance 0\.\d{3}/);
    await tinted(true);
  });

  it('brings the panel and the tints back after the window was reloaded', async () => {
    // VS Code keeps the state of a window when it is idle for a moment.
    await page.waitForTimeout(3000);
    const started = Date.now();
    await page.reload();
    frame = await workbench.panel();
    await workbench.drawn(frame);
    console.log(`    reloaded: picture after ${Date.now() - started} ms`);
    await frame.locator('.caption', { hasText: 'layer 2 of 4' }).waitFor();
    await tinted(true);
    await workbench.screenshot('reloaded');
  });

  it('keeps the model that works when the chosen folder holds none', async () => {
    await workbench.run('Attention: Select Model…');
    await workbench.pick('Choose a folder');
    const input = page.locator('.quick-input-widget input[aria-controls]').first();
    // The dialog proposes a folder when it is ready; what is typed before that is lost.
    await page.waitForFunction(() => [...document.querySelectorAll('.quick-input-widget input')].some((field) => field.value.startsWith('/')));
    await input.fill(`${folder}/`);
    // Nor is a key heard while it reads the folder.
    for (let presses = 0; presses < 5 && (await input.isVisible()); presses++) {
      await page.keyboard.press('Enter');
      await page.waitForTimeout(1500);
    }
    assert.match(await message(), /config\.json/);
    await workbench.goTo(5, 1);
    await workbench.run('Attention: Analyze Attention');
    await page.locator('.tab', { hasText: 'The key to the cabinets' }).waitFor();
    assert.equal(await page.locator('.notification-toast').count(), 0);
    assert.match(await frame.locator('.controls').innerText(), /attention-mini/);
  });

  it('clears what it marked', async () => {
    await workbench.run('Attention: Clear Tints and Panel');
    await tinted(false);
    await workbench.until(() => frame.isDetached());
  });
});
