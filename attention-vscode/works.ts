import * as vscode from 'vscode';
import type { FromStudy, ToStudy } from '../protocol/messages';
import type { AttentionContext } from './context';
import { StudyPanel } from './studyPanel';

/** Work that takes long, each piece of it with a page of its own: shown, watched, stopped, gone on with. */

let lastToken = 0;

/** Shows what fails, in the one sentence it carries. */
export async function guarded(context: AttentionContext, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { message } = error as Error;
    context.log.error(message);
    void vscode.window.showErrorMessage(message);
  }
}

/** A kind of such work. */
export interface Kind {
  viewType: string;
  /** What the page keeps for when the window is reloaded, and which piece of work that is. */
  keyOf(state: unknown): string | undefined;
  /** The message about work that was stopped goes on like this. */
  kept: string;
  /** A report of what is worked on is asked for no more often than this. */
  refreshMilliseconds: number;
  /** Those who list such work want to know. */
  changed?: vscode.EventEmitter<void>;
  report(key: string): Promise<{ title: string; shown: ToStudy }>;
  receive(key: string, page: StudyPanel, message: FromStudy): void;
}

export class Works {
  /** The pages, by what they show. */
  private readonly pages = new Map<string, StudyPanel>();
  /** What is worked on from here. */
  private readonly working = new Map<string, vscode.CancellationTokenSource>();

  constructor(
    private readonly context: AttentionContext,
    private readonly kind: Kind,
  ) {
    context.extension.subscriptions.push(
      vscode.window.registerWebviewPanelSerializer(kind.viewType, {
        deserializeWebviewPanel: async (revived, state: unknown) => {
          const key = state ? kind.keyOf(state) : undefined;
          if (!key) return revived.dispose();
          this.adopt(key, new StudyPanel(context, revived));
          await this.refresh(key);
        },
      }),
    );
  }

  /** Works to the end, and shows how it gets on; nothing comes of it where it is stopped or fails, which is told. */
  async work<Result>(key: string, title: string, method: string, params: object): Promise<Result | undefined> {
    const { context, kind, pages, working } = this;
    if (working.has(key)) {
      await this.open(key, title);
      return undefined;
    }
    const cancellation = new vscode.CancellationTokenSource();
    working.set(key, cancellation);
    const page = this.pageOf(key, title);
    page.reveal();
    page.busy('Starting…');
    let [failed, stopped] = [false, false];
    let result: Result | undefined;
    const workDoneToken = `work-${++lastToken}-${Date.now()}`;
    try {
      result = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
        token.onCancellationRequested(() => cancellation.cancel());
        let before = 0;
        let next = 0;
        const listening = await context.server.progress(workDoneToken, (message, percentage) => {
          progress.report({ message, increment: percentage === undefined ? undefined : percentage - before });
          before = percentage ?? before;
          pages.get(key)?.busy(percentage === undefined ? message : `${message} (${percentage} %)`);
          if (Date.now() < next) return;
          next = Infinity;
          kind.changed?.fire();
          void this.refresh(key, true).finally(() => (next = Date.now() + kind.refreshMilliseconds));
        });
        try {
          return await context.server.request<Result>(method, { ...params, workDoneToken }, cancellation.token);
        } finally {
          listening.dispose();
        }
      });
      pages.get(key)?.busy(undefined);
    } catch (error) {
      const { message } = error as Error;
      if (cancellation.token.isCancellationRequested) {
        stopped = true;
        pages.get(key)?.busy(undefined);
      } else {
        failed = true;
        context.log.error(message);
        pages.get(key)?.fail(message);
        void vscode.window.showErrorMessage(message);
      }
    } finally {
      working.delete(key);
      cancellation.dispose();
      kind.changed?.fire();
    }
    // What failed stays to be read.
    const nothing = (await this.refresh(key, failed || stopped)) === false;
    if (stopped) {
      // A page that never had anything to show goes.
      if (nothing) this.forget(key);
      void vscode.window.showInformationMessage(nothing ? `${title} was stopped before it began.` : `${title} was stopped. ${kind.kept}`);
    }
    return result;
  }

  /** The report of a piece of work, as far as it is. */
  async open(key: string, title: string): Promise<void> {
    this.context.server.forgive();
    const page = this.pageOf(key, title);
    page.reveal();
    page.busy(this.working.has(key) ? 'Working…' : 'Reading…');
    await this.refresh(key);
  }

  /** Closes what shows something that is gone. */
  forget(key: string): void {
    this.pages.get(key)?.close();
  }

  stop(key: string): void {
    this.working.get(key)?.cancel();
  }

  private pageOf(key: string, title: string): StudyPanel {
    return this.pages.get(key) ?? this.adopt(key, StudyPanel.open(this.context, this.kind.viewType, title));
  }

  private adopt(key: string, page: StudyPanel): StudyPanel {
    this.pages.set(key, page);
    page.onClose(() => this.pages.get(key) === page && this.pages.delete(key));
    page.onMessage = (message) => this.kind.receive(key, page, message);
    return page;
  }

  /** Shows how far it is; false where there is nothing to show, as there may be while it is worked on, nothing where there is no page. */
  private async refresh(key: string, early = false): Promise<boolean | undefined> {
    if (!this.pages.has(key)) return undefined;
    try {
      const { title, shown } = await this.kind.report(key);
      const page = this.pages.get(key);
      if (!page) return undefined;
      page.title = title;
      page.show(shown);
      if (!this.working.has(key) && !early) page.busy(undefined);
      return true;
    } catch (error) {
      const { message } = error as Error;
      this.context.log.warn(message);
      if (!early) this.pages.get(key)?.fail(message);
      return false;
    }
  }
}
