import * as vscode from 'vscode';
import * as config from './config';
import type { AttentionContext } from './context';

/** The importance of each token as a number behind it, where the reader asked for that. */
export function activate(context: AttentionContext): void {
  const changed = new vscode.EventEmitter<void>();
  const { importances } = context;
  context.extension.subscriptions.push(
    changed,
    importances.onChange(() => changed.fire()),
    config.onChange((affects) => affects('inlayNumbers.enabled') && changed.fire()),
    vscode.languages.registerInlayHintsProvider('*', {
      onDidChangeInlayHints: changed.event,
      provideInlayHints: (document, visible) => {
        if (!config.inlayNumbersEnabled() || !importances.of(document)) return [];
        const { value } = importances;
        return importances.ranges().flatMap((range, token) => {
          if (!range || !visible.contains(range) || !value || value.ranks[token] === 0) return [];
          const hint = new vscode.InlayHint(range.end, value.values[token].toFixed(2).replace(/^0/, ''));
          hint.tooltip = `${value.title}: rank ${value.ranks[token]}`;
          return [hint];
        });
      },
    }),
  );
}
