// A user's first minutes with the extension, in a real workbench. Steps build on one another, as a user's do.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, cpSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { missing } from './codeServer.mjs';
import { Workbench } from './workbench.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const vsix = join(root, 'out', 'attention.vsix');
const absent = missing() ?? (existsSync(vsix) ? undefined : 'no out/attention.vsix (run npm run package)');
const coldMilliseconds = 5000;
// Half of a cold start is the editor's own webview, and machines that tests run on differ by as much; what it took is printed.
const noise = 1.5;
const warmMilliseconds = 1500;

describe('the panel in VS Code', { skip: absent && `end-to-end tests skipped: ${absent}` }, () => {
  let workbench;
  let page;
  let frame;
  let folder;

  before(async () => {
    // A copy, because some steps edit and export.
    folder = mkdtempSync(join(tmpdir(), 'attention-demo-'));
    cpSync(join(root, 'demo'), folder, { recursive: true });
    cpSync(join(root, 'tests', 'e2e', 'long.txt'), join(folder, 'long.txt'));
    workbench = await Workbench.start({ vsix, folder });
    page = workbench.page;
    await workbench.openFile('long.txt');
  });
  after(async () => {
    await workbench?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const tokenText = (text) => page.locator('.view-line span span', { hasText: text }).first();

  it('starts no server before it is used', () => {
    assert.deepEqual(workbench.processes('serve --stdio'), []);
  });

  it('analyses 128 tokens within 5 s of the command when cold', async () => {
    await workbench.goTo(1, 3);
    await workbench.calm();
    const started = await workbench.run('Attention: Analyze Attention');
    frame = await workbench.panel();
    await workbench.drawn(frame);
    const took = Date.now() - started;
    console.log(`    cold: picture after ${took} ms`);
    assert.ok(took < noise * coldMilliseconds, `the picture took ${took} ms`);
    assert.ok((await frame.locator('.controls select').first().innerText()).includes('Attention'));
  });

  it('analyses 128 other tokens within 1.5 s when warm', async () => {
    await workbench.goTo(3, 3);
    const before = await workbench.analysis(frame);
    const started = await workbench.run('Attention: Analyze Attention');
    await workbench.drawn(frame, before);
    const took = Date.now() - started;
    console.log(`    warm: picture after ${took} ms`);
    assert.ok(took < warmMilliseconds, `the picture took ${took} ms`);
  });

  it('hovers over a token with importance, rank, sources and targets', async () => {
    await workbench.openFile('agreement.md');
    await workbench.goTo(3, 5);
    await workbench.run('Attention: Analyze Attention');
    await page.locator('.tab', { hasText: 'The keys to the cabinet' }).waitFor();
    await workbench.drawn(frame);
    await tokenText('cabinet').hover();
    const hover = page.locator('.monaco-hover:not(.hidden)', { hasText: 'importance' });
    await hover.waitFor();
    const text = await hover.innerText();
    for (const part of ['cabinet', /importance 0\.\d{3}/, /rank \d+ of 11/, 'draws on', 'drawn on by', 'attention-mini']) assert.match(text, part instanceof RegExp ? part : new RegExp(part));
    await workbench.screenshot('hover');
    await page.keyboard.press('Escape');
    await page.mouse.move(5, 400);
  });

  it('tints tokens by importance, stronger ones more', async () => {
    const alphas = await page.evaluate(() => {
      const line = [...document.querySelectorAll('.view-overlays .cdr')];
      return line.map((mark) => getComputedStyle(mark).backgroundColor).filter((c) => c.startsWith('rgba(0') || c.startsWith('rgba(3'));
    });
    assert.ok(new Set(alphas).size >= 2, `tints: ${alphas}`);
  });

  it('marks in the editor what the mouse is on in the panel, and the other way round', async () => {
    const map = await frame.locator('.map').boundingBox();
    await page.mouse.move(map.x + 140, map.y + 120);
    await frame.locator('.tip').waitFor({ state: 'visible' });
    assert.match(await frame.locator('.tip').innerText(), /←.*\d\.\d{3}.*rank \d+ of 13/);
    await page.waitForFunction(() => [...document.querySelectorAll('.view-overlays .cdr')].some((mark) => getComputedStyle(mark).borderTopStyle === 'solid'));
    await page.mouse.move(5, 400);
    await workbench.goTo(3, 19);
    await frame.waitForFunction(() => document.querySelector('.map').dataset.highlighted === '6');
  });

  it('switches layer and head, and remembers the token', async () => {
    await frame.locator('select[aria-label=Layer]').selectOption({ label: 'Layer 2' });
    await frame.locator('select[aria-label=Head]').selectOption({ label: 'Head 3' });
    await frame.locator('.caption', { hasText: 'layer 2 of 4, head 3' }).waitFor();
    // A hover that is on screen already keeps its text: leave until a new one tells of the new map.
    const told = page.locator('.monaco-hover:not(.hidden)', { hasText: 'Attention, layer 2, head 3' });
    await workbench.until(async () => {
      await page.mouse.move(5, 400);
      await page.waitForTimeout(300);
      await tokenText('cabinet').hover();
      return told.waitFor({ timeout: 3000 }).then(() => true, () => false);
    });
    await page.keyboard.press('Escape');
    await page.mouse.move(5, 400);
  });

  it('is reached and walked by keyboard alone', async () => {
    await frame.locator('.map').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    assert.match(await frame.locator('[aria-live]').first().innerText(), /draws on .* rank \d+ of 13/);
    await page.keyboard.press('Enter');
    await frame.locator('.bars h2', { hasText: 'the draws on' }).waitFor();
    await page.keyboard.press('Escape');
  });

  for (const theme of ['Dark Modern', 'Dark High Contrast', 'Light Modern'])
    it(`follows the theme ${theme} at once`, async () => {
      const before = await frame.evaluate(() => getComputedStyle(document.body).backgroundColor);
      await workbench.chooseTheme(theme);
      await frame.waitForFunction((old) => getComputedStyle(document.body).backgroundColor !== old, before);
      assert.ok((await workbench.drawn(frame)) > 8);
      await page.waitForTimeout(300);
      await workbench.screenshot(theme.toLowerCase().replaceAll(' ', '-'));
    });

  it('switches the model, and the panel follows', async () => {
    // The palette loses a command now and then while a theme settles on a slow machine: asked again.
    const choose = (row, shown) =>
      workbench.until(async () => {
        await page.keyboard.press('Escape');
        await workbench.run('Attention: Select Model…');
        await page.locator('.quick-input-list .monaco-list-row', { hasText: row }).first().click({ timeout: 5000 }).catch(() => {});
        return page.locator('.statusbar-item', { hasText: shown }).waitFor({ timeout: 5000 }).then(() => true, () => false);
      }, 60_000);
    await choose('attention-mini-qa', 'attention-mini-qa · CPU');
    await frame.locator('.controls', { hasText: 'attention-mini-qa' }).waitFor();
    await choose('masked LM', 'attention-mini · CPU');
    await frame.locator('.bars h2', { hasText: '[MASK] at token' }).waitFor();
  });

  it('computes a method when it is chosen, and shows it', async () => {
    const methods = frame.locator('select[aria-label=Method]');
    assert.ok((await methods.locator('option').count()) > 15);
    await methods.selectOption({ label: 'GlobEnc' });
    await frame.locator('.caption', { hasText: /GlobEnc, layer \d of 4/ }).waitFor();
    assert.ok((await workbench.drawn(frame)) > 8);
    await workbench.screenshot('globenc');
    await methods.selectOption({ label: 'Attention' });
    await frame.locator('.caption', { hasText: 'Attention' }).waitFor();
  });

  it('says what the prediction rests on, by a method that explains it', async () => {
    await frame.locator('select[aria-label="Explain the prediction by"]').selectOption({ label: 'Integrated gradients from zero' });
    const bars = frame.locator('.explanation .bars li');
    await bars.first().waitFor();
    assert.equal(await bars.count(), 13);
    assert.match(await frame.locator('.explanation').innerText(), /About “.+” at token \d+ \(pos=\d+,id=\d+\)/);
    await workbench.screenshot('explained');
  });

  it('tells which methods agree with blank-out, and goes back to a map', async () => {
    await frame.getByRole('button', { name: 'Which method to trust here?' }).click();
    await frame.locator('.caption', { hasText: 'Correlations below' }).waitFor();
    await workbench.screenshot('trust');
    await frame.locator('select[aria-label=Method]').selectOption({ label: 'Attention' });
    await frame.locator('.caption', { hasText: 'Attention' }).waitFor();
  });

  it('draws lines between tokens, of several heads', async () => {
    await frame.getByRole('button', { name: 'Lines' }).click();
    for (const head of ['1', '2']) await frame.getByRole('button', { name: head, exact: true }).click();
    await frame.locator('.caption', { hasText: 'head 1 + head 2' }).waitFor();
    await workbench.screenshot('lines');
    await frame.getByRole('button', { name: 'Map' }).click();
  });

  it('takes the attention of a token apart, neuron by neuron', async () => {
    await frame.getByRole('button', { name: 'Neurons' }).click();
    await frame.locator('.caption', { hasText: 'Neurons of [MASK], layer 2, head 1' }).waitFor();
    await workbench.screenshot('neurons');
    await frame.getByRole('button', { name: 'Map' }).click();
    await frame.locator('.caption', { hasText: 'Attention' }).waitFor();
  });

  it('changes the model by hand, undoes it, and saves what the terminal takes', async () => {
    const bars = () => frame.locator('section.bars', { hasText: '[MASK] at token' }).innerText();
    const before = await bars();
    await frame.locator('.map').focus();
    for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
    await page.keyboard.press('m');
    await frame.getByRole('menuitem', { name: 'Replace key by [MASK]' }).click();
    const changed = Date.now();
    await frame.locator('.edits .name', { hasText: 'replaced by [MASK]' }).waitFor();
    await frame.locator('.bars .name', { hasText: 'was 0.' }).first().waitFor();
    console.log(`    changed: predictions after ${Date.now() - changed} ms`);
    assert.notEqual(await bars(), before);
    await workbench.screenshot('changed');
    await frame.getByRole('button', { name: 'Save changes…' }).click();
    const path = join(folder, 'mine.json');
    await workbench.saveAs('changes.json', path);
    await workbench.until(() => existsSync(path));
    const { interventions } = JSON.parse(readFileSync(path, 'utf8'));
    assert.deepEqual(interventions, [{ tokens: [2], replace: '[MASK]' }]);
    const { stdout } = spawnSync(join(root, 'bin', 'attention'), ['predict', 'The keys to the cabinet [MASK] on the table.', '--edit', path, '--json'], { encoding: 'utf8' });
    const terminal = JSON.parse(stdout).predictions.at(-1).candidates[0];
    assert.ok((await bars()).includes(terminal.probability.toFixed(3)), 'the terminal says something else');
    await frame.getByRole('button', { name: 'Undo' }).click();
    await frame.locator('.bars .name', { hasText: 'was 0.' }).first().waitFor({ state: 'detached' });
    assert.equal(await bars(), before);
  });

  it('compares two models on the text, in a panel of its own', async () => {
    await workbench.run('Attention: Compare Models…');
    await workbench.pick('attention-mini-qa');
    const known = frame;
    const found = await workbench.until(async () => {
      for (const other of page.frames()) if (other !== known && (await other.locator('.caption', { hasText: 'difference' }).count().catch(() => 0)) > 0) return other;
      return undefined;
    });
    assert.match(await found.locator('.caption').innerText(), /Rank correlation by layer/);
    assert.ok(await found.getByText('Changes to the model').isHidden());
    await page.waitForTimeout(300);
    await workbench.screenshot('compared');
    await page.keyboard.press('Control+1');
    await page.locator('.tab', { hasText: '↔' }).first().click({ button: 'middle' });
  });

  for (const [format, magic] of [['PNG', '\u0089PNG'], ['SVG', '<svg']])
    it(`exports the picture as ${format}`, async () => {
      await workbench.run('Attention: Export…');
      await workbench.pick(format);
      const path = join(folder, `picture.${format.toLowerCase()}`);
      await workbench.saveAs(`attention.${format.toLowerCase()}`, path);
      await workbench.until(() => existsSync(path));
      assert.ok(readFileSync(path, 'latin1').startsWith(magic));
      assert.ok(readFileSync(path).length > 3000);
    });

  it('exports a page that holds the same analysis', async () => {
    await workbench.run('Attention: Export…');
    await workbench.pick('HTML');
    await workbench.saveAs('attention.html', join(folder, 'attention.html'));
    await workbench.until(() => existsSync(join(folder, 'attention.html')));
    const exported = readFileSync(join(folder, 'attention.html'), 'utf8');
    assert.ok(exported.includes('attention-mini') && exported.includes('The keys to the cabinet'));
    const alone = await workbench.context.newPage();
    await alone.goto(`file://${join(folder, 'attention.html')}`);
    await workbench.drawn(alone.mainFrame());
    const computed = await alone.locator('select[aria-label=Method] option', { hasText: 'GlobEnc' }).getAttribute('value');
    await alone.locator('select[aria-label=Method]').selectOption(computed);
    await alone.locator('.caption', { hasText: 'GlobEnc' }).waitFor();
    await alone.close();
  });

  it('compares the text with another line of the document', async () => {
    await workbench.goTo(5, 3);
    await workbench.run('Attention: Compare with Selection');
    const found = await workbench.until(async () => {
      for (const other of page.frames()) if (other !== frame && (await other.locator('.caption', { hasText: 'difference' }).count().catch(() => 0)) > 0) return other;
      return undefined;
    });
    assert.match(await found.locator('.caption').innerText(), /larger share in The key to the cabinets/);
    await page.locator('.tab', { hasText: 'Pinned' }).last().click({ button: 'middle' });
  });

  it('reads a typed question and the paragraph as a pair', async () => {
    const before = await workbench.analysis(frame);
    await workbench.goTo(3, 3);
    await workbench.run('Attention: Analyze as Question and Passage…');
    const input = page.locator('.quick-input-widget input').first();
    await page.locator('.quick-input-title', { hasText: 'Question' }).waitFor();
    await input.fill('Where are the keys?');
    await page.keyboard.press('Enter');
    await workbench.drawn(frame, before);
    await frame.getByRole('button', { name: 'Lines' }).click();
    await frame.getByLabel('Lines drawn').selectOption('down');
    await page.waitForTimeout(300);
    await workbench.screenshot('pair');
    await frame.getByRole('button', { name: 'Map' }).click();
    const pair = await workbench.analysis(frame);
    await workbench.goTo(3, 3);
    await workbench.run('Attention: Analyze Attention');
    await workbench.drawn(frame, pair);
  });

  it('says when the text was edited, and takes the tints away', async () => {
    await workbench.goTo(1, 1);
    await page.keyboard.type('Edits before the text move it. ');
    await tokenText('cabinet').hover();
    await page.locator('.monaco-hover:not(.hidden)', { hasText: 'importance' }).waitFor();
    await page.keyboard.press('Escape');
    await page.mouse.move(5, 400);
    await workbench.goTo(3, 9);
    await page.keyboard.type('X');
    await frame.locator('.notice', { hasText: 'edited since' }).waitFor();
    await frame.locator('button', { hasText: 'Analyze again' }).click();
    await frame.locator('.notice', { hasText: 'edited since' }).waitFor({ state: 'detached' });
  });

  it('restarts a server that crashed, once, and says so when it crashes again', async () => {
    const [first] = workbench.processes('serve --stdio');
    process.kill(first, 'SIGKILL');
    await workbench.until(() => workbench.processes('serve --stdio').some((pid) => pid !== first));
    await workbench.goTo(5, 5);
    await workbench.run('Attention: Analyze Attention');
    await page.locator('.tab', { hasText: 'The key to the cabinets' }).waitFor();
    for (const pid of workbench.processes('serve --stdio')) process.kill(pid, 'SIGKILL');
    const message = page.locator('.notification-toast', { hasText: 'ended unexpectedly twice' });
    await message.waitFor();
    // What the panel asks for by itself must not bring it back behind the user's back.
    await frame.locator('select[aria-label=Layer]').selectOption({ label: 'Layer 1' });
    await page.waitForTimeout(1500);
    assert.deepEqual(workbench.processes('serve --stdio'), []);
    await message.locator('.monaco-button', { hasText: 'Restart Server' }).click();
    await workbench.until(() => workbench.processes('serve --stdio').length > 0);
  });

  it('asked nothing outside this machine', () => {
    assert.deepEqual(workbench.outside, []);
  });
});
