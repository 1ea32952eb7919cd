import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { CancellationToken, Disposable, LogOutputChannel } from 'vscode';
import { CloseAction, ErrorAction, ErrorCodes, LanguageClient, ResponseError, WorkDoneProgress } from 'vscode-languageclient/node';
import type { StaleParams } from '../protocol/messages';
import type { ServerSettings } from './config';

/** What is said to the server and back. Loaded with the first server: the library below is most of the extension. */

export interface ClientOptions {
  child: ChildProcessWithoutNullStreams;
  log: LogOutputChannel;
  settings: ServerSettings;
  /** Schemes of the documents whose edits the server is told of. */
  followed: string[];
  onHover(): void;
  onStale(analysis: string): void;
  onClosed(): void;
}

export class Client extends LanguageClient {
  private readonly opening: Set<Promise<void>>;

  constructor(options: ClientOptions) {
    const opening = new Set<Promise<void>>();
    super('attention', 'Attention', () => Promise.resolve(options.child), {
      documentSelector: options.followed.map((scheme) => ({ scheme })),
      outputChannel: options.log,
      initializationOptions: options.settings,
      initializationFailedHandler: () => false,
      middleware: {
        didOpen: (document, next) => {
          const sent = next(document);
          opening.add(sent);
          const done = () => void opening.delete(sent);
          sent.then(done, done);
          return sent;
        },
        provideHover: (document, position, token, next) => {
          options.onHover();
          return next(document, position, token);
        },
      },
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue }),
        closed: () => {
          options.onClosed();
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
    });
    this.opening = opening;
    this.onNotification('attention/stale', (stale: StaleParams) => options.onStale(stale.analysis));
  }

  /** One question. A server that ended meanwhile is said in a sentence for the user. */
  async ask<Result>(method: string, params: unknown, token?: CancellationToken): Promise<Result> {
    // The library lets a request overtake the news of a document that waits behind other documents.
    await Promise.allSettled(this.opening);
    try {
      // A token that is not there would be sent as a second parameter.
      return await (token ? this.sendRequest<Result>(method, params, token) : this.sendRequest<Result>(method, params));
    } catch (error) {
      const gone: number[] = [ErrorCodes.PendingResponseRejected, ErrorCodes.ConnectionInactive];
      if (error instanceof ResponseError && gone.includes(error.code)) throw new Error('The Attention server ended while it worked on this. Try again; Attention: Show Log may say why.');
      throw error;
    }
  }

  /** Calls back with each message that is reported under a progress token. */
  listen(token: string, report: (message: string, percentage?: number) => void): Disposable {
    return this.onProgress(WorkDoneProgress.type, token, (value) => {
      if (value.kind !== 'end' && value.message) report(value.message, value.percentage);
    });
  }

  /** What goes wrong between client and server goes to the log; the features say what the user has to know. */
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}
