// A real VS Code workbench in a headless browser: a fresh server and profile for each run, and hands to use it.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium as playwright } from 'playwright-core';
import { chromium, entry, nodeFolder } from './codeServer.mjs';

const browserFlags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const settings = {
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'editor.hover.delay': 100,
  'editor.minimap.enabled': false,
  // Text arrives as it is typed.
  'editor.autoClosingBrackets': 'never',
  'editor.autoClosingQuotes': 'never',
  'git.enabled': false,
  'window.titleBarStyle': 'custom',
};

/** Workspaces open in restricted mode, without a question. */
const restricted = { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never', 'security.workspace.trust.banner': 'never' };

export class Workbench {
  static async start({ vsix, folder, extraSettings = {}, machineSettings = {}, variables = {}, trusted = true, width = 1440, height = 900, browserArguments = [] }) {
    const home = mkdtempSync(join(tmpdir(), 'attention-e2e-'));
    const profile = ['--user-data-dir', join(home, 'user'), '--extensions-dir', join(home, 'extensions'), '--config', join(home, 'config.yaml')];
    mkdirSync(join(home, 'user', 'User'), { recursive: true });
    writeFileSync(join(home, 'user', 'User', 'settings.json'), JSON.stringify({ ...settings, ...(trusted ? {} : restricted), ...extraSettings }));
    // A browser's window is a remote one: there VS Code takes settings of machine scope from this file only.
    mkdirSync(join(home, 'user', 'Machine'), { recursive: true });
    writeFileSync(join(home, 'user', 'Machine', 'settings.json'), JSON.stringify(machineSettings));
    writeFileSync(join(home, 'config.yaml'), '');
    const node = join(nodeFolder, 'bin', 'node');
    const environment = { ...process.env, HOME: home, XDG_CACHE_HOME: join(home, 'cache'), ...variables };
    const installed = spawnSync(node, [entry, ...profile, '--install-extension', vsix, '--force'], { encoding: 'utf8', env: environment });
    if (installed.status !== 0) throw new Error(`the extension was not installed: ${installed.stdout}${installed.stderr}`);

    const port = await freePort();
    const server = spawn(
      node,
      [entry, ...profile, '--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry', '--disable-update-check', ...(trusted ? ['--disable-workspace-trust'] : []), '--disable-getting-started-override', '--reconnection-grace-time', '5', folder],
      { stdio: 'ignore', detached: true, env: environment },
    );
    const workbench = new Workbench(home, server);
    try {
      await answering(`http://127.0.0.1:${port}/healthz`);
      workbench.browser = await playwright.launch({ executablePath: chromium(), args: [...browserFlags, ...browserArguments] });
      workbench.context = await workbench.browser.newContext({ viewport: { width, height }, acceptDownloads: true });
      workbench.page = await workbench.context.newPage();
      workbench.outside = [];
      workbench.page.on('request', (request) => {
        const { hostname, protocol } = new URL(request.url());
        if (/^https?:$/.test(protocol) && !/^(127\.0\.0\.1|localhost)$|vscode-(cdn|resource)|\.vscode-/.test(hostname)) workbench.outside.push(request.url());
      });
      await workbench.page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(folder)}`);
      await workbench.page.locator('.monaco-workbench .part.editor').waitFor({ timeout: 60_000 });
      return workbench;
    } catch (error) {
      await workbench.stop();
      throw error;
    }
  }

  constructor(home, server) {
    this.home = home;
    this.server = server;
  }

  async stop() {
    await this.browser?.close().catch(() => {});
    for (const pid of [...descendants(this.server.pid), this.server.pid]) kill(pid);
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Processes below the workbench whose command line holds a text. */
  processes(text) {
    return descendants(this.server.pid).filter((pid) => commandLine(pid).includes(text));
  }

  async openFile(name) {
    await this.palette(name, '');
    await this.page.locator(`.tab[data-resource-name="${name}"]`).first().waitFor();
    await this.page.locator('.monaco-editor .view-lines').first().waitFor();
  }

  /** Runs a command by its exact title, or opens a file with an empty prefix. */
  async palette(title, prefix = '>') {
    const input = this.page.locator('.quick-input-widget input[aria-controls]').first();
    for (let attempt = 0; attempt < 3; attempt++) {
      await this.page.keyboard.press(prefix ? 'F1' : 'Control+P');
      try {
        await input.waitFor({ timeout: 5000 });
        await input.fill(prefix + title);
        await this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: title }).waitFor({ timeout: 10_000 });
        await this.page.keyboard.press('Enter');
        return;
      } catch (error) {
        if (attempt === 2) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  async chooseTheme(name) {
    const input = this.page.locator('.quick-input-widget input[aria-controls]').first();
    await this.page.keyboard.press('Control+K');
    await this.page.keyboard.press('Control+T');
    await input.waitFor();
    await input.fill(name);
    await this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: name }).waitFor();
    await this.page.keyboard.press('Enter');
    await input.waitFor({ state: 'hidden' });
  }

  /** Answers the dialog that asks where to save. It proposes a name once it is ready, and overwrites what was typed before. */
  async saveAs(proposed, path) {
    const input = this.page.locator('.quick-input-widget input[aria-controls]').first();
    await this.until(async () => (await input.inputValue().catch(() => '')).endsWith(proposed));
    await this.until(async () => {
      await input.fill(path);
      await this.page.waitForTimeout(400);
      return (await input.inputValue()) === path;
    });
    // The dialog looks at folders while a path is typed, and does not hear Enter before it has done so.
    await this.until(async () => {
      await this.page.keyboard.press('Enter');
      return input.waitFor({ state: 'hidden', timeout: 1500 }).then(() => true, () => false);
    });
  }

  /** Replaces the text of a file in the editor, on one line, and saves it. This VS Code sees no changes made elsewhere. */
  async rewrite(name, text) {
    // In the group of texts: beside the panel it would hide it, and the keys below go to another file.
    await this.page.keyboard.press('Control+1');
    await this.openFile(name);
    await this.page.keyboard.press('Control+1');
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.insertText(text);
    await this.page.keyboard.press('Control+S');
    await this.page.locator(`.tab.dirty[data-resource-name="${name}"]`).waitFor({ state: 'detached' });
  }

  /** Runs a command by its exact title; returns when Enter was pressed. */
  async run(title) {
    await this.palette(title);
    return Date.now();
  }

  /** Puts the cursor of the active editor to a place. */
  async goTo(line, column) {
    const input = this.page.locator('.quick-input-widget input[aria-controls]').first();
    for (let attempt = 0; attempt < 3; attempt++) {
      // Keys are lost while a dialog that just closed gives the focus back; a click below the text takes it for sure.
      const editor = await this.page.locator('.editor-instance .monaco-editor').first().boundingBox();
      await this.page.mouse.click(editor.x + editor.width / 2, editor.y + editor.height - 40);
      await this.page.keyboard.press('Control+G');
      if (await input.waitFor({ timeout: 3000 }).then(() => true, () => false)) break;
    }
    await input.fill(`:${line}:${column}`);
    await this.page.keyboard.press('Enter');
    await this.page.locator('.statusbar-item', { hasText: `Ln ${line}, Col ${column}` }).waitFor();
  }

  async until(condition, timeout = 20_000) {
    const end = Date.now() + timeout;
    for (;;) {
      const found = await condition();
      if (found) return found;
      if (Date.now() > end) {
        await this.screenshot('failed');
        throw new Error(`did not become true: ${condition}`);
      }
      await this.page.waitForTimeout(100);
    }
  }

  /** Chooses the row with a text from the open quick pick. */
  async pick(text) {
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
    await row.waitFor({ timeout: 15_000 });
    await row.click();
  }

  /** The frame of the panel: the inner one of VS Code's nested webview frames. */
  async panel() {
    const end = Date.now() + 30_000;
    while (Date.now() < end) {
      for (const frame of this.page.frames()) if (await frame.locator('body[data-skia]').count().catch(() => 0)) return frame;
      await this.page.waitForTimeout(50);
    }
    throw new Error('the panel did not open');
  }

  /** Waits until the window that just opened has done its own work, so that what is timed next is ours: a second in which its timers are on time. */
  async calm(timeout = 20_000) {
    await this.page.evaluate(async (limit) => {
      const end = performance.now() + limit;
      for (let onTime = 0; onTime < 20 && performance.now() < end; ) {
        const before = performance.now();
        await new Promise((go) => setTimeout(go, 50));
        onTime = performance.now() - before < 75 ? onTime + 1 : 0;
      }
    }, timeout);
  }

  /** Closes the panel as a middle click on its tab does. */
  async closePanel(frame) {
    await this.page.locator('.tab', { hasText: 'Attention — ' }).first().click({ button: 'middle' });
    await this.until(() => frame.isDetached());
    await this.page.keyboard.press('Control+1');
  }

  /** How strong each tint in the editors is, 1 to 5. Nothing else that colours words counts. */
  tints() {
    return this.page.evaluate(() => {
      const probe = document.querySelector('.monaco-workbench').appendChild(document.createElement('div'));
      const colours = [1, 2, 3, 4, 5].map((step) => {
        probe.style.backgroundColor = `var(--vscode-attention-tint${step})`;
        return getComputedStyle(probe).backgroundColor;
      });
      probe.remove();
      return [...document.querySelectorAll('.view-overlays .cdr')].map((mark) => colours.indexOf(getComputedStyle(mark).backgroundColor) + 1).filter((step) => step > 0);
    });
  }

  /** Resident memory of the extension host, in megabytes. */
  extensionHostMegabytes() {
    const [pid] = this.processes('--type=extensionHost');
    return Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]) / 1024;
  }

  /** Waits until the large map of another analysis than before is on screen, in colours, and returns how many. */
  async drawn(frame, before = '', timeout = 30_000) {
    const end = Date.now() + timeout;
    while (Date.now() < end) {
      const id = await this.analysis(frame).catch(() => '');
      const colours = id && id !== before ? await frame.evaluate(countColours).catch(() => 0) : 0;
      if (colours > 8) return colours;
      await this.page.waitForTimeout(25);
    }
    throw new Error('the panel stayed blank');
  }

  /** The id of the analysis drawn last. */
  analysis(frame) {
    return frame.evaluate(() => document.body.dataset.drawn?.split(' ')[0] ?? '');
  }

  async screenshot(name) {
    if (process.env.ATTENTION_SCREENSHOTS) await this.page.screenshot({ path: join(process.env.ATTENTION_SCREENSHOTS, `${name}.png`) });
  }
}

/** How many colours the map's canvas shows along a few lines. Runs in the page. */
function countColours() {
  const canvas = document.querySelector('.map canvas');
  if (!canvas || canvas.width < 20) return 0;
  const copy = document.createElement('canvas');
  copy.width = canvas.width;
  copy.height = canvas.height;
  const context = copy.getContext('2d');
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, copy.width, copy.height);
  const colours = new Set();
  for (let i = 0; i < data.length; i += 4 * 37) colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
  return colours.size;
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function answering(url) {
  for (let i = 0; i < 300; i++) {
    if (await fetch(url).then((r) => r.ok, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('code-server did not start');
}

function descendants(pid) {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' });
  const children = new Map();
  for (const line of stdout.trim().split('\n')) {
    const [child, parent] = line.trim().split(/\s+/).map(Number);
    children.set(parent, [...(children.get(parent) ?? []), child]);
  }
  const found = [];
  for (const queue = [pid]; queue.length > 0; ) for (const child of children.get(queue.pop()) ?? []) found.push(child), queue.push(child);
  return found;
}

function commandLine(pid) {
  return spawnSync('ps', ['-o', 'args=', '-p', `${pid}`], { encoding: 'utf8' }).stdout;
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended on its own.
  }
}
