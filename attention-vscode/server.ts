import * as vscode from 'vscode';
import type { Client } from './client';
import * as config from './config';
import { ServerProcess } from './serverProcess';

/** The language server: started on first use, restarted once after a crash, stopped when idle. */

const crashMemory = 5 * 60_000;
/** Where texts live whose edits the server is told of. */
const followed = ['file', 'untitled', 'vscode-remote', 'vscode-vfs', 'vscode-notebook-cell'];

interface Running {
  client: Client;
  process: ServerProcess;
}

export class Server implements vscode.Disposable {
  private readonly restarted = new vscode.EventEmitter<void>();
  private readonly staled = new vscode.EventEmitter<string>();
  /** Another server answers from now on, and knows nothing of what the last one was told. */
  readonly onRestart = this.restarted.event;
  /** The text of this analysis was edited. */
  readonly onStale = this.staled.event;
  private starting?: Promise<Running>;
  private launches = 0;
  private lastCrash = 0;
  /** Crashed again soon after a crash: nothing but the user starts it now. */
  private givenUp = false;
  private idle?: NodeJS.Timeout;
  /** Questions that are not answered yet. */
  private asked = 0;

  constructor(
    private readonly extension: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
  ) {
    extension.subscriptions.push(
      config.onChange((affects) => {
        if (affects('server.path') || affects('cache.sizeMB')) void this.stop();
        else if (['model', 'threads', 'device', 'cuda.path'].some(affects)) void this.configure();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.configure()),
    );
  }

  /** Where analyses are kept; webviews read them there. */
  get cache(): vscode.Uri {
    return this.extension.globalStorageUri;
  }

  /** Whether the server sees a document and its edits; the text of others has to be sent along. */
  follows(document: vscode.TextDocument): boolean {
    return followed.includes(document.uri.scheme);
  }

  /** Asks the server, which is started if it does not run. Failures carry a sentence for the user. */
  async request<Result>(method: string, params: unknown, token?: vscode.CancellationToken): Promise<Result> {
    const { client } = await this.use();
    this.touch();
    this.asked++;
    return client.ask<Result>(method, params, token).finally(() => this.asked--);
  }

  /** The user asks for something: a server that was given up gets another chance. */
  forgive(): void {
    this.givenUp = false;
  }

  /** Calls back with each message that the server reports under a progress token. */
  async progress(token: string, report: (message: string, percentage?: number) => void): Promise<vscode.Disposable> {
    const { client } = await this.use();
    return client.listen(token, report);
  }

  /** The server for whoever asks it something: one that was given up is not started by that. */
  private use(): Promise<Running> {
    if (this.givenUp) return Promise.reject(new Error('The Attention server ended unexpectedly twice and was not restarted. Run Attention: Restart Server; Attention: Show Log may say why it ended.'));
    return this.start();
  }

  async restart(): Promise<void> {
    this.lastCrash = 0;
    this.forgive();
    await this.stop();
    await this.start();
  }

  dispose(): void {
    clearTimeout(this.idle);
    void this.stop();
  }

  private start(): Promise<Running> {
    if (!this.starting) {
      const launched: Promise<Running> = this.launch(() => this.crashed(launched));
      this.starting = launched;
      launched.catch(() => this.forget(launched));
    }
    return this.starting;
  }

  private async launch(crashed: () => void): Promise<Running> {
    const started = Date.now();
    await vscode.workspace.fs.createDirectory(this.cache);
    const { Client } = await import('./client');
    const process = ServerProcess.start(this.extension.extensionPath, ['serve', '--stdio', '--cache', this.cache.fsPath, '--cache-mb', `${config.cacheMegabytes()}`]);
    let up = false;
    const client = new Client({
      child: process.child,
      log: this.log,
      settings: config.serverSettings(),
      followed,
      onHover: () => this.touch(),
      onStale: (analysis) => this.staled.fire(analysis),
      onClosed: () => {
        // One that never came up is reported by whoever asked for it.
        if (up) crashed();
      },
    });
    const failed = await client.start().then(
      // A connection that closed early does not always fail the start.
      () => (client.isRunning() ? undefined : 'it closed the connection'),
      (error: Error) => error.message,
    );
    if (failed) throw new Error(await process.problem(failed));
    up = true;
    this.log.info(`server started in ${Date.now() - started} ms: ${process.path}`);
    // Told after those who waited for this start have gone on.
    if (++this.launches > 1) setImmediate(() => this.restarted.fire());
    return { client, process };
  }

  private crashed(running: Promise<Running>): void {
    this.forget(running);
    const again = Date.now() - this.lastCrash < crashMemory;
    this.lastCrash = Date.now();
    if (again) {
      this.givenUp = true;
      void this.offer('The Attention server ended unexpectedly twice and was not restarted.');
      return;
    }
    this.log.warn('the server ended unexpectedly and is restarted');
    this.start().catch((error: Error) => this.offer(error.message));
  }

  /** The one message about a server that will not stay up. */
  private async offer(message: string): Promise<void> {
    const [show, restart] = ['Show Log', 'Restart Server'];
    this.log.error(message);
    const chosen = await vscode.window.showErrorMessage(message, show, restart);
    if (chosen === show) this.log.show();
    if (chosen === restart) await vscode.commands.executeCommand('attention.restartServer');
  }

  private async configure(): Promise<void> {
    const running = await this.current();
    await running?.client.sendNotification('workspace/didChangeConfiguration', { settings: config.serverSettings() });
  }

  private async stop(): Promise<void> {
    const running = await this.current(true);
    if (!running) return;
    try {
      await running.client.stop();
    } catch (error) {
      this.log.warn(`the server did not stop in time and is ended: ${(error as Error).message}`);
      running.process.kill();
    }
  }

  /** The server that runs or is about to; undefined when there is none. */
  private async current(forget = false): Promise<Running | undefined> {
    const { starting } = this;
    if (forget) this.starting = undefined;
    return starting?.catch(() => undefined);
  }

  private forget(running: Promise<Running>): void {
    if (this.starting === running) this.starting = undefined;
  }

  private touch(): void {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => {
      // A training or a sweep takes longer than that, and is no idleness.
      if (this.asked > 0) return this.touch();
      this.log.info('the server was idle and is stopped; the next analysis starts it again');
      void this.stop();
    }, config.idleMinutes() * 60_000);
  }
}
