// Every picture, several texts, kept panels and what the editor shows of an analysis, in a real workbench. Steps build on one another.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { missing } from './codeServer.mjs';
import { Workbench } from './workbench.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const vsix = join(root, 'out', 'attention.vsix');
const absent = missing() ?? (existsSync(vsix) ? undefined : 'no out/attention.vsix (run npm run package)');
const questions = { version: '1.1', data: [{ title: 'a', paragraphs: [{ context: 'The keys lie on the table.', qas: [{ id: '1', question: 'Where are the keys?', answers: [{ text: 'on the table', answer_start: 13 }] }, { id: '2', question: 'What lies on the table?', answers: [] }] }] }] };

describe('pictures and the editor', { skip: absent && `end-to-end tests skipped: ${absent}` }, () => {
  let workbench;
  let page;
  let frame;
  let folder;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'attention-demo-'));
    cpSync(join(root, 'demo'), folder, { recursive: true });
    writeFileSync(join(folder, 'texts.txt'), 'The keys to the cabinet are here.\n\nShe saw her brother.\n\nTime flies like an arrow.\n\nThe river [MASK] into the sea.\n');
    writeFileSync(join(folder, 'questions.json'), JSON.stringify(questions, undefined, 1));
    mkdirSync(join(folder, '.vscode'));
    writeFileSync(join(folder, '.vscode', 'settings.json'), '{}');
    workbench = await Workbench.start({ vsix, folder });
    page = workbench.page;
    await workbench.openFile('texts.txt');
  });
  after(async () => {
    await workbench?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const tab = (name) => frame.getByRole('group', { name: 'Picture' }).getByText(name, { exact: true }).click();
  const caption = (text) => frame.locator('.caption', { hasText: text }).waitFor();
  const shot = async (name) => {
    await page.waitForTimeout(300);
    await workbench.screenshot(name);
  };

  it('reads several selections as several texts, in tabs', async () => {
    await workbench.goTo(1, 1);
    for (let i = 0; i < 4; i++) await page.keyboard.press('Shift+Alt+ArrowDown');
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+End');
    await workbench.run('Attention: Analyze Attention');
    frame = await workbench.panel();
    await workbench.drawn(frame);
    await frame.locator('.text').nth(2).waitFor();
    assert.deepEqual(await frame.locator('.text').allInnerTexts(), ['The keys to the cabinet are her…', 'She saw her brother.', 'Time flies like an arrow.']);
    const before = await workbench.analysis(frame);
    await frame.locator('.text', { hasText: 'She saw' }).click();
    await workbench.drawn(frame, before);
    await page.locator('.tab', { hasText: 'Attention — She saw her brother.' }).waitFor();
    await shot('tabs');
  });

  it('keeps a pinned panel, and opens another for the next text', async () => {
    await workbench.run('Attention: Pin Panel');
    await page.locator('.tab', { hasText: 'Pinned — She saw' }).waitFor();
    await workbench.goTo(7, 3);
    await workbench.run('Attention: Analyze Attention');
    await page.locator('.tab', { hasText: 'Attention — The river' }).waitFor();
    const pinned = frame;
    frame = await workbench.until(async () => {
      for (const other of page.frames()) if (other !== pinned && (await other.locator('body[data-drawn]').count().catch(() => 0)) > 0) return other;
      return undefined;
    });
    await workbench.drawn(frame);
    assert.equal(await pinned.locator('.text').count(), 0);
    await page.locator('.tab', { hasText: 'Pinned — She saw' }).click({ button: 'middle' });
    await page.locator('.tab', { hasText: 'Pinned' }).waitFor({ state: 'detached' });
  });

  it('shows all heads, by layer, pattern and likeness', async () => {
    await tab('Model');
    await caption('16 heads');
    await frame.getByLabel('Order of heads').selectOption('pattern');
    await caption('of their attention goes to');
    await frame.getByLabel('Order of heads').selectOption('cluster');
    await caption('hang together');
    await shot('model-cluster');
  });

  it('follows a token through the layers, and attention back to the input', async () => {
    await tab('Layers');
    await caption('of [MASK], layer by layer');
    await shot('layers');
    await tab('Flow');
    await caption('Rollout of [MASK]');
    await frame.getByLabel('What lines carry').selectOption('flow');
    await caption('At most');
    await shot('flow');
  });

  it('puts two methods side by side, and one less the other', async () => {
    await tab('Map');
    await frame.getByLabel('Second method').selectOption('rollout');
    await caption('beside Attention rollout');
    await shot('beside');
    await frame.getByLabel('Difference').check();
    await caption('Attention rollout less');
    await frame.getByLabel('Second method').selectOption('');
    await caption('mean of heads, layer');
  });

  it('flips a prediction by a change, and takes it back', async () => {
    const top = () => frame.locator('.details .bars', { hasText: '[MASK]' }).first().locator('.name').first().innerText();
    const before = await top();
    let flipped = false;
    for (let layer = 1; layer <= 4 && !flipped; layer++) {
      await frame.getByLabel('Layer', { exact: true }).selectOption({ label: `Layer ${layer}` });
      await caption(`layer ${layer} of`);
      const map = await frame.locator('.map').boundingBox();
      await page.mouse.click(map.x + map.width / 2, map.y + map.height * 0.3, { button: 'right' });
      await frame.getByRole('menuitem', { name: `Switch off attention in layer ${layer}` }).click();
      await frame.locator('.bars .name', { hasText: 'was 0.' }).first().waitFor();
      flipped = (await top()).split(' was')[0] !== before;
      if (flipped) await shot('flipped');
      await frame.getByRole('button', { name: 'Undo' }).click();
      await frame.locator('.bars .name', { hasText: 'was 0.' }).first().waitFor({ state: 'detached' });
    }
    assert.ok(flipped, `${before} stays whatever layer is switched off`);
    assert.equal(await top(), before);
  });

  it('says what the prediction comes from', async () => {
    await workbench.run('Attention: Explain This Prediction');
    await frame.locator('.explanation .bars h2', { hasText: 'Gradient × input' }).waitFor();
    await shot('explained');
  });

  it('writes numbers behind tokens when asked to, and a small picture into the hover', async () => {
    await workbench.rewrite('settings.json', JSON.stringify({ 'attention.inlayNumbers.enabled': true }));
    await workbench.openFile('texts.txt');
    await page.locator('.view-lines span', { hasText: /^\.\d\d$/ }).first().waitFor();
    await page.locator('.view-line span span', { hasText: 'river' }).first().hover();
    const hover = page.locator('.monaco-hover:not(.hidden)', { hasText: 'importance' });
    await hover.waitFor();
    const picture = hover.locator('img[src^="data:image/svg+xml"]');
    await picture.waitFor();
    assert.ok(await picture.evaluate((image) => image.complete && image.naturalWidth > 20));
    await shot('inlay-hover');
    await page.keyboard.press('Escape');
    await page.mouse.move(5, 400);
  });

  it('switches tints off and on, from the status bar', async () => {
    assert.ok((await workbench.tints()).length > 0);
    await page.locator('.statusbar-item', { hasText: 'tints' }).click();
    await workbench.until(async () => (await workbench.tints()).length === 0);
    await page.locator('.statusbar-item', { hasText: 'tints' }).click();
    await workbench.until(async () => (await workbench.tints()).length > 0);
  });

  it('comes back to texts that were analyzed before', async () => {
    const before = await workbench.analysis(frame);
    await workbench.run('Attention: Analyzed Texts…');
    await workbench.pick('The keys to the cabinet');
    await workbench.drawn(frame, before);
    await page.locator('.tab', { hasText: 'Attention — The keys to the cabinet' }).waitFor();
  });

  it('offers questions of SQuAD files above them', async () => {
    const before = await workbench.analysis(frame);
    await workbench.openFile('questions.json');
    const lenses = page.locator('.codelens-decoration a', { hasText: 'Analyze question and passage' });
    await lenses.first().waitFor();
    assert.equal(await lenses.count(), 2);
    await shot('lenses');
    await lenses.nth(1).click();
    await workbench.drawn(frame, before);
    await page.locator('.tab', { hasText: 'Attention — What lies on the table?' }).waitFor();
  });

  it('underlines the answer in the passage', async () => {
    await workbench.run('Attention: Select Model…');
    await workbench.pick('attention-mini-qa');
    await page.locator('.statusbar-item', { hasText: 'attention-mini-qa' }).waitFor();
    await workbench.openFile('texts.txt');
    await workbench.goTo(1, 1);
    const before = await workbench.analysis(frame);
    await workbench.run('Attention: Analyze as Question and Passage…');
    await page.locator('.quick-input-title', { hasText: 'Question' }).waitFor();
    await page.locator('.quick-input-widget input').first().fill('Where are the keys?');
    await page.keyboard.press('Enter');
    await workbench.drawn(frame, before);
    await workbench.until(() => page.evaluate(() => [...document.querySelectorAll('.view-overlays .cdr')].some((mark) => getComputedStyle(mark).borderBottomWidth === '2px' && getComputedStyle(mark).borderTopWidth === '0px')));
    await shot('answer');
  });

  it('has a walkthrough', async () => {
    await workbench.run('Welcome: Open Walkthrough...');
    await workbench.pick('See What a Transformer Reads');
    await page.locator('.getting-started-category, .step-title', { hasText: 'Analyze a text' }).first().waitFor();
    await shot('walkthrough');
    await page.keyboard.press('Control+W');
  });

  it('asked nothing outside this machine', () => {
    assert.deepEqual(workbench.outside, []);
  });
});
