import * as vscode from 'vscode';
import type { AnalysisSummary } from '../protocol/messages';
import type { Importances } from './importances';
import type { Server } from './server';

/** What features share: the server, the log, and everything that is to be disposed with the extension. */
export interface AttentionContext {
  readonly extension: vscode.ExtensionContext;
  readonly server: Server;
  readonly log: vscode.LogOutputChannel;
  /** Models came or went. */
  readonly modelsChanged: vscode.EventEmitter<void>;
  /** Runs came, went, or got on. */
  readonly runsChanged: vscode.EventEmitter<void>;
  /** The analysis in the panel; features listen to it and never call one another. */
  readonly shown: Shown;
  /** How important its tokens are, as the panel shows them. */
  readonly importances: Importances;
}

/** The current analysis, the texts that were analyzed together with it, and who wants to know of them. */
export class Shown {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onChange = this.changed.event;
  private current?: AnalysisSummary;
  private together: AnalysisSummary[] = [];
  private edited = false;

  get analysis(): AnalysisSummary | undefined {
    return this.current;
  }

  /** What was analyzed together, in the order of the document. */
  get texts(): readonly AnalysisSummary[] {
    return this.together;
  }

  /** The text was edited since. */
  get stale(): boolean {
    return this.edited;
  }

  /** Shows an analysis: in the place of the one of the same text, or else alone. */
  set(analysis: AnalysisSummary | undefined): void {
    const place = analysis ? this.together.findIndex((other) => sameText(other, analysis)) : -1;
    if (analysis && place >= 0) this.together = this.together.with(place, analysis);
    else this.together = analysis ? [analysis] : [];
    this.show(analysis);
  }

  /** Adds an analysis to those beside it, without showing it. */
  add(analysis: AnalysisSummary): void {
    if (!this.together.some((other) => sameText(other, analysis))) this.together = [...this.together, analysis];
    this.changed.fire();
  }

  /** Shows another of the texts that were analyzed together. */
  choose(id: string): void {
    const found = this.together.find((analysis) => analysis.id === id);
    if (found) this.show(found);
  }

  markStale(): void {
    this.edited = true;
    this.changed.fire();
  }

  private show(analysis: AnalysisSummary | undefined): void {
    this.current = analysis;
    this.edited = false;
    this.changed.fire();
  }
}

function sameText(a: AnalysisSummary, b: AnalysisSummary): boolean {
  return a.text === b.text && a.pair === b.pair;
}
