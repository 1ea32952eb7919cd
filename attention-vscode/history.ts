import * as vscode from 'vscode';
import type { AnalysisSummary } from '../protocol/messages';
import { analyze, sourcesOf } from './analyze';
import type { AttentionContext } from './context';

/** The texts that were analyzed in this workspace, to come back to. What was analyzed before appears at once: its results are kept. */

const key = 'history';
const most = 30;

type Entry = Pick<AnalysisSummary, 'text' | 'pair' | 'uri'> & { model: string; when: number };

export function activate(context: AttentionContext): void {
  context.extension.subscriptions.push(
    context.shown.onChange(() => void remember(context)),
    vscode.commands.registerCommand('attention.history', () => choose(context)),
    vscode.commands.registerCommand('attention.clearHistory', () => context.extension.workspaceState.update(key, undefined)),
  );
}

function entries(context: AttentionContext): Entry[] {
  return context.extension.workspaceState.get<Entry[]>(key, []);
}

async function remember(context: AttentionContext): Promise<void> {
  const { analysis } = context.shown;
  if (!analysis) return;
  const { text, pair, uri, model } = analysis;
  const known = entries(context);
  const same = (entry: Entry) => entry.text === text && entry.pair === pair && entry.model === model.name;
  if (known[0] && same(known[0])) return;
  await context.extension.workspaceState.update(key, [{ text, pair, uri, model: model.name, when: Date.now() }, ...known.filter((entry) => !same(entry))].slice(0, most));
}

async function choose(context: AttentionContext): Promise<void> {
  const known = entries(context);
  if (known.length === 0) {
    void vscode.window.showInformationMessage('Nothing was analyzed in this workspace yet: run Attention: Analyze Attention first.');
    return;
  }
  const items = known.map((entry) => ({ label: oneLine(entry.text), description: entry.model, detail: entry.pair === undefined ? undefined : `with ${oneLine(entry.pair)}`, entry }));
  const chosen = await vscode.window.showQuickPick(items, { title: 'Analyzed Texts', placeHolder: 'The latest come first', matchOnDetail: true });
  if (chosen) await analyze(context, { ...(await sourcesOf(chosen.entry)), model: chosen.entry.model });
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
