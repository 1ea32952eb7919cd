// Fine-tuning on a small file in a real workbench: asked for in the explorer, watched, stopped, brought back after a reload, gone on with, used.
// Steps build on one another.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { missing } from './codeServer.mjs';
import { Workbench } from './workbench.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const vsix = join(root, 'out', 'attention.vsix');
const absent = missing() ?? (existsSync(vsix) ? undefined : 'no out/attention.vsix (run npm run package)');
const name = 'attention-mini-moods';

/** Labelled texts that are told apart by one word. */
const moods = Array.from({ length: 300 }, (_, i) => (i % 2 ? `a fine and sunny day number ${i} in the harbour\tgood` : `a bad and rainy day number ${i} in the hills\tbad`)).join('\n');

describe('training in VS Code', { skip: absent && `end-to-end tests skipped: ${absent}` }, () => {
  let workbench;
  let page;
  let folder;
  let models;

  const notification = (text) => page.locator('.notification-toast', { hasText: text });
  const row = (text) => page.locator('.pane-body .monaco-list-row', { hasText: text });
  const question = (text) => page.locator('.quick-input-widget', { hasText: text });
  /** A list that is chosen from; what it asks stands in its box as long as nothing is typed. */
  const list = (text) => page.locator('.quick-input-widget', { has: page.locator(`input[placeholder^="${text}"]`) });
  const shot = async (title) => {
    await page.waitForTimeout(400);
    await workbench.screenshot(title);
  };
  /** The page of the training. */
  const training = () =>
    workbench.until(async () => {
      for (const frame of page.frames()) if (await frame.locator('h1', { hasText: `${name}: classes of moods.tsv, from attention-mini` }).count().catch(() => 0)) return frame;
      return undefined;
    }, 90_000);
  const stepsDrawn = (frame) => frame.evaluate(() => Number(document.body.dataset.drawn?.split(' ')[2] ?? 0)).catch(() => 0);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'attention-train-'));
    models = mkdtempSync(join(tmpdir(), 'attention-models-'));
    cpSync(join(root, 'demo'), folder, { recursive: true });
    writeFileSync(join(folder, 'moods.tsv'), moods);
    workbench = await Workbench.start({ vsix, folder, variables: { ATTENTION_MODELS: models } });
    page = workbench.page;
  });
  after(async () => {
    await workbench?.stop();
    for (const made of [folder, models]) rmSync(made, { recursive: true, force: true });
  });

  it('asks few things, each with a good default, and goes back', async () => {
    const item = page.locator('.monaco-menu .action-item', { hasText: 'Train: Fine-Tune on…' });
    // Menus do not know of an extension right after the window has opened.
    await workbench.until(async () => {
      await page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'moods.tsv' }).click({ button: 'right' });
      if (await item.waitFor({ timeout: 3000 }).then(() => true, () => false)) return true;
      await page.keyboard.press('Escape');
      return false;
    }, 90_000);
    await item.click();
    await list('What is to be learnt from moods.tsv').locator('.monaco-list-row.focused', { hasText: 'Classes' }).waitFor({ timeout: 60_000 });
    await shot('train-objective');
    await page.keyboard.press('Enter');
    await list('The model it starts from').locator('.monaco-list-row.focused', { hasText: 'attention-mini' }).waitFor();
    await page.keyboard.press('Enter');
    await list('How long').locator('.monaco-list-row.focused', { hasText: '5 minutes' }).waitFor();
    await page.locator('.quick-input-widget .codicon-quick-input-back').click();
    await list('The model it starts from').waitFor();
    await page.keyboard.press('Enter');
    await list('How long').waitFor();
    await page.keyboard.insertText('0.4 minutes');
    await list('How long').locator('.monaco-list-row.focused', { hasText: '0.4 minutes' }).waitFor();
    await shot('train-length');
    await page.keyboard.press('Enter');
    await question('Seed').waitFor();
    await page.keyboard.press('Enter');
    await question('Name of the new model').waitFor();
    const input = page.locator('.quick-input-widget input').first();
    assert.equal(await input.inputValue(), name);
    await input.fill('attention-mini');
    await question('There is a model of that name').waitFor();
    await input.fill(name);
    await shot('train-name');
    await page.keyboard.press('Enter');
  });

  it('draws the loss while it trains, and stops with its state kept', async () => {
    const frame = await training();
    await workbench.until(async () => (await stepsDrawn(frame)) >= 4, 120_000);
    await frame.getByText(/step \d+ of [\d,]+ · loss/).waitFor();
    await notification(name).waitFor();
    await shot('train-working');
    await frame.getByRole('button', { name: 'Stop' }).click();
    await notification('Its state is kept').waitFor({ timeout: 60_000 });
    await frame.getByRole('button', { name: 'Go On' }).waitFor();
    assert.ok(existsSync(join(models, name, 'training.safetensors')));
    await workbench.run('Notifications: Clear All Notifications');
  });

  it('comes back with its curve after the window was reloaded', async () => {
    const before = await stepsDrawn(await training());
    // VS Code keeps the state of a window when it is idle for a moment.
    await page.waitForTimeout(3000);
    await page.reload();
    const frame = await training();
    await workbench.until(async () => (await stepsDrawn(frame)) === before, 60_000);
    await frame.getByText(/stopped after step \d+/).waitFor();
    await shot('train-reloaded');
  });

  it('goes on to its end, and the model can be used at once', async () => {
    await workbench.run('Attention: Focus on Models View');
    await row(name).waitFor({ timeout: 60_000 });
    const frame = await training();
    await frame.getByRole('button', { name: 'Go On' }).click();
    await notification(`${name} is ready`).waitFor({ timeout: 600_000 });
    await frame.getByRole('button', { name: 'Use This Model' }).waitFor();
    await frame.locator('.map').focus();
    for (const key of ['ArrowRight', 'ArrowDown']) await page.keyboard.press(key);
    await frame.locator('.map .tip', { hasText: /dev loss \d\.\d{3}/ }).waitFor();
    await shot('train-finished');
    assert.ok(existsSync(join(models, name, 'model.safetensors')) && !existsSync(join(models, name, 'training.safetensors')));
    const losses = readFileSync(join(models, name, 'losses.csv'), 'utf8').trim().split('\n').slice(1).map((line) => Number(line.split(',')[1]));
    assert.ok(losses.length > 4 && losses.at(-1) < losses[0], `${losses}`);
    await frame.getByRole('button', { name: 'Use This Model' }).click();
    await workbench.run('Notifications: Clear All Notifications');
    await row(name).locator('.codicon-check').first().waitFor();
    await shot('train-models');
  });

  it('reads text with the new model', async () => {
    await page.keyboard.press('Control+1');
    await workbench.openFile('agreement.md');
    await workbench.run('Attention: Analyze Attention');
    await page.locator('.statusbar-item', { hasText: name }).waitFor({ timeout: 60_000 });
    await shot('train-used');
  });

  it('asks before it deletes the model, and refuses while it is in use', async () => {
    await page.keyboard.press('Control+1');
    await row(name).hover();
    await row(name).locator('.action-label.codicon-trash').click();
    const dialog = page.locator('.monaco-dialog-box', { hasText: `Delete ${name}?` });
    await dialog.waitFor();
    await dialog.locator('.monaco-button', { hasText: 'Delete' }).click();
    // It is in memory: another one has to be chosen first.
    await notification('it is in use: select another model first').waitFor();
    assert.ok(existsSync(join(models, name)));
  });

  it('asked nothing outside this machine', () => {
    assert.deepEqual(workbench.outside, []);
  });
});
