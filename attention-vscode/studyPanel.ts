import * as vscode from 'vscode';
import type { FromStudy, ToStudy } from '../protocol/messages';
import type { AttentionContext } from './context';
import { keepPage, pageColumn } from './pages';
import { panelHtml } from './panelHtml';

/** A webview with the page of zone reports, sweeps and trainings: keeps what it is to show until the page has loaded. */
export class StudyPanel {
  private readonly closed = new vscode.EventEmitter<void>();
  readonly onClose = this.closed.event;
  onMessage: (message: FromStudy) => void = () => {};
  private ready = false;
  private shown?: ToStudy;
  private status: ToStudy = { type: 'status' };

  constructor(
    context: AttentionContext,
    private readonly panel: vscode.WebviewPanel,
  ) {
    keepPage(panel);
    const { webview } = panel;
    const media = vscode.Uri.joinPath(context.extension.extensionUri, 'out', 'media');
    webview.options = { enableScripts: true, localResourceRoots: [media] };
    webview.html = panelHtml(webview, media, 'study');
    webview.onDidReceiveMessage((message: FromStudy) => {
      if (message.type === 'ready') {
        this.ready = true;
        if (this.shown) this.send(this.shown);
        this.send(this.status);
      } else if (message.type === 'problem') context.log.error(`page: ${message.message}`);
      else this.onMessage(message);
    });
    panel.onDidDispose(() => {
      this.ready = false;
      this.closed.fire();
    });
  }

  /** Opened beside the editor, as a tab of what is open there. */
  static open(context: AttentionContext, viewType: string, title: string): StudyPanel {
    return new StudyPanel(context, vscode.window.createWebviewPanel(viewType, title, { viewColumn: pageColumn(), preserveFocus: true }, { enableScripts: true, retainContextWhenHidden: true }));
  }

  get title(): string {
    return this.panel.title;
  }

  set title(text: string) {
    this.panel.title = text;
  }

  close(): void {
    this.panel.dispose();
  }

  reveal(): void {
    if (!this.panel.visible) this.panel.reveal(undefined, true);
  }

  show(message: ToStudy): void {
    this.shown = message;
    this.send(message);
  }

  busy(busy?: string): void {
    this.send((this.status = { type: 'status', busy }));
  }

  fail(error: string): void {
    this.send((this.status = { type: 'status', error }));
  }

  private send(message: ToStudy): void {
    if (this.ready) void this.panel.webview.postMessage(message);
  }
}
