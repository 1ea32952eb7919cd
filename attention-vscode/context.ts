import * as vscode from 'vscode';
import type { AnalysisSummary } from '../protocol/messages';
import type { Server } from './server';

/** What features share: the server, the log, and everything that is to be disposed with the extension. */
export interface AttentionContext {
  readonly extension: vscode.ExtensionContext;
  readonly server: Server;
  readonly log: vscode.LogOutputChannel;
  /** Models came or went. */
  readonly modelsChanged: vscode.EventEmitter<void>;
  /** The analysis in the panel; features listen to it and never call one another. */
  readonly shown: Shown;
}

/** The current analysis, and who wants to know of it. */
export class Shown {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onChange = this.changed.event;
  private current?: AnalysisSummary;
  private edited = false;

  get analysis(): AnalysisSummary | undefined {
    return this.current;
  }

  /** The text was edited since. */
  get stale(): boolean {
    return this.edited;
  }

  set(analysis: AnalysisSummary | undefined): void {
    this.current = analysis;
    this.edited = false;
    this.changed.fire();
  }

  markStale(): void {
    this.edited = true;
    this.changed.fire();
  }
}
