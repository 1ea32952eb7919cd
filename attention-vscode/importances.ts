import * as vscode from 'vscode';
import type { AnalysisSummary, Importance, MapChoice } from '../protocol/messages';
import type { Shown } from './context';
import type { Server } from './server';

/** How important the tokens of the analysis shown are, by the map on screen, and where they stand in their document. */
export class Importances {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onChange = this.changed.event;
  private loaded?: Importance;
  private choice?: MapChoice;
  private asked = 0;

  constructor(
    private readonly server: Server,
    private readonly shown: Shown,
    private readonly log: vscode.LogOutputChannel,
  ) {
    shown.onChange(() => this.refresh());
  }

  get value(): Importance | undefined {
    return this.loaded;
  }

  /** The analysis, where it is of this document and nothing in it was edited. */
  of(document: vscode.TextDocument): AnalysisSummary | undefined {
    const { analysis, stale } = this.shown;
    return analysis && !stale && document.uri.toString() === analysis.uri ? analysis : undefined;
  }

  /** The place of each token in its document. */
  ranges(): (vscode.Range | undefined)[] {
    return (this.loaded?.ranges ?? []).map((range) => (range ? new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character) : undefined));
  }

  /** Another map is on screen. */
  choose(choice: MapChoice): void {
    this.choice = choice;
    this.refresh();
  }

  /** Asks the server what they are now. */
  refresh(): void {
    void this.load();
  }

  private async load(): Promise<void> {
    const turn = ++this.asked;
    const { analysis, stale } = this.shown;
    let loaded: Importance | undefined;
    if (analysis?.uri && !stale && this.choice && analysis.maps.some((map) => map.id === this.choice!.map)) {
      try {
        loaded = await this.server.request<Importance>('attention/show', { analysis: analysis.id, choice: this.choice });
      } catch (error) {
        this.log.warn(`importances: ${(error as Error).message}`);
      }
    }
    if (turn !== this.asked) return;
    this.loaded = loaded;
    this.changed.fire();
  }
}
