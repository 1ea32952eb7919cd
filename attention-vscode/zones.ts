import * as vscode from 'vscode';
import type { FromStudy, TextSource, ZoneReport, ZonesParams } from '../protocol/messages';
import { analyze, askQuestion, pairOf, sourceOf } from './analyze';
import type { AttentionContext } from './context';
import { showPanel } from './panel';
import { questionAt } from './squad';
import { StudyPanel } from './studyPanel';

/** Zone-Mask Report…: what masking each zone in each layer does to the answer of one question. */

const viewType = 'attention.zones';
const strengths = [0, 0.25, 0.5, 0.75, 1];
let current: Zones | undefined;
let lastToken = 0;

/** A question and its passage, by an analysis or as they are. */
type Asked = Pick<ZonesParams, 'analysis' | 'question' | 'passage' | 'model'>;

export function activate(context: AttentionContext): void {
  context.extension.subscriptions.push(
    vscode.commands.registerCommand('attention.zoneReport', () => report(context)),
    vscode.commands.registerCommand('attention.zoneQuestion', async (uri: string, index: number) => {
      const found = await questionAt(uri, index);
      if (found) await show(context, { question: { text: found.question }, passage: { text: found.passage }, model: modelOf(context) });
    }),
    vscode.window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: async (revived, state: { question: string; passage: string; model: string; mode: string } | undefined) => {
        if (!state) return revived.dispose();
        current = new Zones(context, new StudyPanel(context, revived));
        await current.ask({ question: { text: state.question }, passage: { text: state.passage }, model: state.model, mode: state.mode });
      },
    }),
  );
}

async function report(context: AttentionContext): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const { analysis } = context.shown;
  const texts = (question: TextSource, passage: TextSource): Asked => ({ question, passage, model: modelOf(context) });
  if (editor?.selections.length === 2 && editor.selections.every((part) => !part.isEmpty)) {
    const { text, pair } = pairOf(context, editor);
    return show(context, texts(text, pair));
  }
  // What is selected now is meant, rather than what was analyzed before.
  if (analysis?.pair !== undefined && (editor?.selection.isEmpty ?? true)) return show(context, modelOf(context) ? { analysis: analysis.id } : texts({ text: analysis.text }, { text: analysis.pair }));
  if (!editor) {
    void vscode.window.showInformationMessage('Open a text and select its passage, then run Attention: Zone-Mask Report again.');
    return;
  }
  const passage = sourceOf(context, editor.document, editor.selection);
  const question = await askQuestion();
  if (question !== undefined) await show(context, texts({ text: question }, passage));
}

/** The model on screen where it answers questions; the server has one that does. */
function modelOf(context: AttentionContext): string | undefined {
  const model = context.shown.analysis?.model;
  return model?.head === 'qa' ? model.name : undefined;
}

async function show(context: AttentionContext, asked: Asked): Promise<void> {
  if (current) current.reveal();
  else current = new Zones(context, StudyPanel.open(context, viewType, 'Zones'));
  await current.ask(asked);
}

/** The page with its question; another question takes its place. */
class Zones {
  private asked?: ZonesParams;
  private report?: ZoneReport;
  private running?: vscode.CancellationTokenSource;

  constructor(
    private readonly context: AttentionContext,
    private readonly page: StudyPanel,
  ) {
    page.onMessage = (message) => this.receive(message);
    page.onClose(() => {
      this.running?.cancel();
      if (current === this) current = undefined;
    });
  }

  reveal(): void {
    this.page.reveal();
  }

  /** Masks one by one; what is shown stays until then, and where it fails or is stopped. */
  async ask(asked: ZonesParams): Promise<void> {
    this.running?.cancel();
    const cancellation = new vscode.CancellationTokenSource();
    this.running = cancellation;
    this.context.server.forgive();
    this.page.busy('Masking attention zones…');
    const latest = () => this.running === cancellation;
    const workDoneToken = `zones-${++lastToken}`;
    try {
      const listening = await this.context.server.progress(workDoneToken, (message, percentage) => latest() && this.page.busy(percentage === undefined ? `${message}…` : `${message}… ${percentage} %`));
      const params: ZonesParams = { strengths, ...asked, workDoneToken };
      const found = await this.context.server.request<ZoneReport>('attention/zones', params, cancellation.token).finally(() => listening.dispose());
      if (!latest()) return;
      this.asked = asked;
      this.report = found;
      this.page.title = `Zones — ${found.question}`;
      this.page.busy(undefined);
      this.page.show({ type: 'zones', report: found });
    } catch (error) {
      if (!latest()) return;
      // A page that never had anything to show goes.
      if (cancellation.token.isCancellationRequested) return this.report ? this.page.busy(undefined) : this.page.close();
      const { message } = error as Error;
      this.context.log.error(message);
      this.page.fail(message);
    } finally {
      if (latest()) this.running = undefined;
    }
  }

  private receive(message: FromStudy): void {
    switch (message.type) {
      case 'again':
        if (this.asked) void this.ask({ ...this.asked, zones: message.zones, own: message.own, mode: message.mode });
        break;
      case 'masked':
        if (this.report) void this.showMasked(this.report, message);
        break;
      case 'cancel':
        this.running?.cancel();
        break;
    }
  }

  /** The pair in the panel, with the cell's change made to the model. */
  private async showMasked({ question, passage, model }: ZoneReport, { edit, layer }: FromStudy & { type: 'masked' }): Promise<void> {
    const panel = showPanel(this.context);
    panel.expect([edit], layer);
    if ((await analyze(this.context, { text: { text: question }, pair: { text: passage }, model: model.name })) !== 'shown') panel.expect(undefined);
  }
}
