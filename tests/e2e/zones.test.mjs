// A zone report from a lens, a masked run in the panel, and a sweep that is stopped, gone on with, reported and exported, in a real workbench.
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

/** Twenty questions on passages long enough that a sweep can be stopped in the middle. */
function slowQuestions() {
  const paragraphs = [];
  for (const { paragraphs: known } of JSON.parse(readFileSync(join(root, 'demo', 'questions.json'), 'utf8')).data) paragraphs.push(...known);
  const filler = Array.from({ length: 25 }, (_, i) => ` The ${i + 2}th chapter of the book tells of the harbour, the hills and the people who live there in winter.`).join('');
  return { version: '1.1', data: [{ title: 'slow', paragraphs: paragraphs.map(({ context, qas }) => ({ context: context + filler, qas })) }] };
}

/** How far a run is that is done. */
const all = /(\d+) of \1 cells/;

describe('zones and sweeps in VS Code', { skip: absent && `end-to-end tests skipped: ${absent}` }, () => {
  let workbench;
  let page;
  let folder;
  let runs;

  const notification = (text) => page.locator('.notification-toast', { hasText: text });
  const row = (text) => page.locator('.pane-body .monaco-list-row', { hasText: text });
  const lens = (text) => page.locator('.codelens-decoration a', { hasText: text });
  const shot = async (name) => {
    await page.waitForTimeout(400);
    await workbench.screenshot(name);
  };
  /** The webview that has an element. */
  const frameWith = (selector, text) =>
    workbench.until(async () => {
      for (const frame of page.frames()) if (await frame.locator(selector, { hasText: text }).count().catch(() => 0)) return frame;
      return undefined;
    }, 60_000);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'attention-zones-'));
    runs = mkdtempSync(join(tmpdir(), 'attention-runs-'));
    cpSync(join(root, 'demo'), folder, { recursive: true });
    writeFileSync(join(folder, 'slow.json'), JSON.stringify(slowQuestions(), undefined, 1));
    workbench = await Workbench.start({ vsix, folder, variables: { ATTENTION_RUNS: runs } });
    page = workbench.page;
    await workbench.openFile('questions.json');
  });
  after(async () => {
    await workbench?.stop();
    for (const made of [folder, runs]) rmSync(made, { recursive: true, force: true });
  });

  it('says that there are no runs yet, and what a run is', async () => {
    await workbench.run('Attention: Focus on Runs View');
    await page.locator('.pane', { hasText: 'A run is a study over a data set' }).locator('.monaco-button', { hasText: 'Sweep: Attention Zones…' }).waitFor();
    await page.locator('.tab[data-resource-name="questions.json"]').click();
  });

  it('reports zones of a question from the lens above it', async () => {
    await lens('Sweep attention zones over this file').first().waitFor();
    await lens('Zone report').first().click();
    const frame = await frameWith('.answer h1', 'When was the lighthouse built?');
    await frame.locator('body[data-drawn^="zones"]').waitFor();
    await page.locator('.tab', { hasText: 'Zones — When was the lighthouse' }).waitFor();
    await shot('zones');
    const map = await frame.locator('.map').first().boundingBox();
    // The second zone in the last layer.
    await page.mouse.click(map.x + 84 + 64 * 1.5, map.y + 64 + 20);
    await frame.locator('.cell h2', { hasText: 'Q2P in layer 4' }).waitFor();
    assert.match(await frame.locator('.cell').innerText(), /probability\s+0\.\d{3}\s+0\.\d{3}\s+(0|[−+]\d\.\d{3})/);
    await shot('zones-cell');
  });

  it('shows the run of a cell in the panel', async () => {
    const frame = await frameWith('.answer h1', 'When was the lighthouse built?');
    await frame.getByRole('button', { name: 'Show this masked run in the panel' }).click();
    const panel = await frameWith('.edits li .name', '');
    await workbench.drawn(panel);
    await page.locator('.tab', { hasText: 'Attention — When was the lighthouse' }).waitFor();
    assert.equal(await panel.locator('.edits li .name').count(), 1);
    await panel.locator('.caption', { hasText: 'layer 4 of 4' }).waitFor();
    await panel.locator('.bars .name', { hasText: 'was 0.' }).first().waitFor();
    await shot('masked-run');
  });

  it('reports zones of the pair on screen, and of a question that is typed', async () => {
    await page.locator('.tab', { hasText: 'Zones — ' }).click({ button: 'middle' });
    await workbench.run('Attention: Zone-Mask Report…');
    await frameWith('.answer h1', 'When was the lighthouse built?');
    await workbench.openFile('agreement.md');
    await page.keyboard.press('Control+A');
    await workbench.run('Attention: Zone-Mask Report…');
    const input = page.locator('.quick-input-widget input').first();
    await input.waitFor();
    await input.fill('Where are the keys?');
    await page.keyboard.press('Enter');
    await frameWith('.answer h1', 'Where are the keys?');
  });

  it('sweeps over a file with progress, and stops', async () => {
    await page.keyboard.press('Control+1');
    await workbench.openFile('slow.json');
    await lens('Sweep attention zones over this file').first().waitFor();
    await page.keyboard.press('Control+1');
    await workbench.run('Attention: Sweep: Attention Zones…');
    const input = page.locator('.quick-input-widget', { hasText: 'Models' });
    await input.locator('.monaco-list-row', { hasText: 'attention-mini-qa' }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.quick-input-widget', { hasText: 'How Many Questions' }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.quick-input-widget .monaco-list-row', { hasText: 'GFLOP' }).waitFor({ timeout: 60_000 });
    await shot('sweep-plan');
    await workbench.pick('Start');
    const frame = await frameWith('.notice', /\d+ of \d+ cells/);
    await row(/\d+ of \d+ cells/).waitFor();
    await shot('sweep-progress');
    await frame.getByRole('button', { name: 'Cancel' }).click();
    await notification('was stopped. What is finished is kept').waitFor();
    await frame.getByRole('button', { name: 'Go On' }).waitFor();
    await workbench.run('Notifications: Clear All Notifications');
  });

  it('goes on from the Runs view to the end', async () => {
    await workbench.run('Attention: Focus on Runs View');
    await row(/\d+ of \d+ cells/).waitFor();
    await row(/\d+ of \d+ cells/).hover();
    await shot('runs');
    await row(/\d+ of \d+ cells/).locator('.action-label.codicon-play').click();
    const frame = await frameWith('.answer p', /\d+ of \d+ cells/);
    await frame.locator('.answer p', { hasText: all }).waitFor({ timeout: 180_000 });
    await frame.getByRole('button', { name: 'Go On' }).waitFor({ state: 'hidden' });
    await frame.locator('.parts h2', { hasText: 'Methods' }).waitFor();
    assert.match(await frame.locator('.parts').innerText(), /Without a mask[\s\S]*attention-mini-qa[\s\S]*Zones by what masking them costs[\s\S]*P2Q/);
    await row(all).waitFor();
    await frame.locator('.map').first().focus();
    for (const key of ['ArrowRight', 'Enter']) await page.keyboard.press(key);
    await frame.locator('.cell h2', { hasText: 'Q2 in layer 4' }).waitFor();
    await shot('sweep-report');
  });

  it('exports the table', async () => {
    const frame = await frameWith('.answer p', all);
    await frame.getByRole('button', { name: 'Export…' }).click();
    await workbench.pick('CSV');
    const target = join(folder, 'zones.csv');
    await workbench.saveAs('sweep.csv', target);
    await workbench.until(() => existsSync(target));
    assert.ok(readFileSync(target, 'utf8').trim().split('\n').length > 20);
  });

  it('brings both pages back after the window was reloaded', async () => {
    // VS Code keeps the state of a window when it is idle for a moment.
    await page.waitForTimeout(3000);
    await page.reload();
    await frameWith('.answer p', all);
    await page.locator('.tab', { hasText: 'Zones — Where are the keys?' }).click();
    await frameWith('.answer h1', 'Where are the keys?');
  });

  it('deletes the run after a question', async () => {
    await row(all).hover();
    await row(all).locator('.action-label.codicon-trash').click();
    const dialog = page.locator('.monaco-dialog-box', { hasText: 'Delete the run' });
    await dialog.waitFor();
    await dialog.locator('.monaco-button', { hasText: 'Delete' }).click();
    await row(all).waitFor({ state: 'detached' });
  });

  it('asked nothing outside this machine', () => {
    assert.deepEqual(workbench.outside, []);
  });
});
