import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { CloseAction, ErrorAction, LanguageClient, State, type ErrorHandler } from 'vscode-languageclient/node';
import * as config from './config';

/** The language server: found, started on first use, restarted once after a crash, stopped when idle. */
export class Server implements vscode.Disposable {
  private static readonly crashMemory = 5 * 60_000;
  private readonly restarted = new vscode.EventEmitter<void>();
  private readonly staled = new vscode.EventEmitter<string>();
  /** The server came back after a crash and knows nothing of before. */
  readonly onRestart = this.restarted.event;
  /** The text of this analysis was edited. */
  readonly onStale = this.staled.event;
  private client?: LanguageClient;
  private starting?: Promise<LanguageClient>;
  private lastCrash = 0;
  private idle?: NodeJS.Timeout;

  constructor(
    private readonly extension: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
  ) {
    extension.subscriptions.push(
      config.onChange((affects) => {
        if (affects('server.path') || affects('cache.sizeMB')) void this.stop();
        else if (affects('model') || affects('threads')) void this.configure();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.configure()),
    );
  }

  /** Where analyses are kept; webviews read them there. */
  get cache(): vscode.Uri {
    return this.extension.globalStorageUri;
  }

  get running(): boolean {
    return this.client?.state === State.Running;
  }

  /** Asks the server, which is started if it does not run. Failures carry a sentence for the user. */
  async request<Result>(method: string, params: unknown, token?: vscode.CancellationToken): Promise<Result> {
    const client = await this.start();
    this.touch();
    return token ? client.sendRequest<Result>(method, params, token) : client.sendRequest<Result>(method, params);
  }

  /** Calls back with each message that the server reports under a progress token. */
  async progress(token: string, report: (message: string) => void): Promise<vscode.Disposable> {
    const client = await this.start();
    const { WorkDoneProgress } = await import('vscode-languageclient/node');
    return client.onProgress(WorkDoneProgress.type, token, (value) => {
      if (value.kind !== 'end' && value.message) report(value.message);
    });
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
    this.restarted.fire();
  }

  dispose(): void {
    clearTimeout(this.idle);
    void this.stop();
  }

  private start(): Promise<LanguageClient> {
    this.starting ??= this.launch().catch((error) => {
      this.starting = undefined;
      throw error;
    });
    return this.starting;
  }

  private async launch(): Promise<LanguageClient> {
    const command = this.find();
    const started = Date.now();
    await vscode.workspace.fs.createDirectory(this.cache);
    const args = ['serve', '--stdio', '--cache', this.cache.fsPath, '--cache-mb', `${config.cacheMegabytes()}`];
    const client = new LanguageClient(
      'attention',
      'Attention',
      { command, args, options: { shell: process.platform === 'win32' && command.endsWith('.cmd') } },
      {
        documentSelector: ['file', 'untitled', 'vscode-remote', 'vscode-vfs'].map((scheme) => ({ scheme })),
        outputChannel: this.log,
        initializationOptions: config.serverSettings(),
        errorHandler: this.errorHandler(),
        initializationFailedHandler: () => false,
      },
    );
    client.onNotification('attention/stale', (stale: { analysis: string }) => this.staled.fire(stale.analysis));
    try {
      await client.start();
    } catch (error) {
      throw new Error(`The Attention server could not be started (${command}): ${(error as Error).message}`);
    }
    this.client = client;
    this.log.info(`server started in ${Date.now() - started} ms: ${command}`);
    return client;
  }

  /** The packaged server, the one of a checkout, or the user's own. */
  private find(): string {
    const windows = process.platform === 'win32';
    const own = config.serverPath();
    const candidates = own ? [own] : [this.extension.asAbsolutePath(join('server', windows ? 'attention.exe' : 'attention')), this.extension.asAbsolutePath(join('bin', windows ? 'attention.cmd' : 'attention'))];
    for (const path of candidates) {
      try {
        accessSync(path, windows ? constants.F_OK : constants.X_OK);
        return path;
      } catch {
        // Tried in order; when none will do, the error below names the first.
      }
    }
    throw new Error(`The Attention server is missing or not executable: ${candidates[0]}. ${own ? 'Correct the setting attention.server.path.' : 'Install the extension again.'}`);
  }

  private errorHandler(): ErrorHandler {
    return {
      error: () => ({ action: ErrorAction.Continue }),
      closed: () => {
        const again = Date.now() - this.lastCrash < Server.crashMemory;
        this.lastCrash = Date.now();
        if (!again) {
          this.log.warn('the server ended unexpectedly and is restarted');
          setTimeout(() => this.restarted.fire(), 500);
          return { action: CloseAction.Restart, handled: true };
        }
        this.starting = undefined;
        this.client = undefined;
        void this.offer();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    };
  }

  private async offer(): Promise<void> {
    const [show, restart] = ['Show Log', 'Restart Server'];
    this.log.error('the server ended unexpectedly again and is not restarted');
    const chosen = await vscode.window.showErrorMessage('The Attention server ended unexpectedly twice and was not restarted.', show, restart);
    if (chosen === show) this.log.show();
    if (chosen === restart) {
      this.lastCrash = 0;
      await this.restart();
    }
  }

  private async configure(): Promise<void> {
    if (this.running) await this.client!.sendNotification('workspace/didChangeConfiguration', { settings: config.serverSettings() });
  }

  private async stop(): Promise<void> {
    const { client } = this;
    this.client = this.starting = undefined;
    if (client?.state === State.Running) await client.stop();
  }

  private touch(): void {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => {
      this.log.info('the server was idle and is stopped; the next analysis starts it again');
      void this.stop();
    }, config.idleMinutes() * 60_000);
  }
}
