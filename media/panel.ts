// The panel inside VS Code: talks to the extension, which talks to the server.
import type { AnalysisSummary, SliceParams, ToWebview, ViewState } from '../protocol/messages';
import { Slices, WholeFile, type DataSource } from './data/source';
import { vscodeHost } from './panel/host';
import { Panel } from './panel/panel';
import { loadSkia, unpack } from './skia/canvaskit';
import './panel.css';

const wholeFileBytes = 8 << 20;
const host = vscodeHost();
const skia = loadSkia(fetch(document.body.dataset.skia!).then(unpack));
const panel = new Panel(document.body, host, skia);

let lastRequest = 0;
const waiting = new Map<number, { resolve: (slice: { uri: string; shape: number[] }) => void; reject: (error: Error) => void }>();

function ask(slice: SliceParams): Promise<{ uri: string; shape: number[] }> {
  const id = ++lastRequest;
  host.send({ type: 'slice', id, slice });
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

function sourceOf(analysis: AnalysisSummary, fileUri: string): DataSource {
  return analysis.bytes <= wholeFileBytes ? new WholeFile(fetch(fileUri).then((response) => response.arrayBuffer())) : new Slices(analysis.id, ask);
}

function answered(message: ToWebview & { type: 'reply' }): void {
  const asked = waiting.get(message.id);
  waiting.delete(message.id);
  if (message.uri && message.shape) asked?.resolve({ uri: message.uri, shape: message.shape });
  else asked?.reject(new Error(message.error ?? 'The numbers could not be read.'));
}

host.listen((message) => {
  switch (message.type) {
    case 'analysis':
      void panel.open(message.analysis, sourceOf(message.analysis, message.fileUri), message.view ?? savedView());
      break;
    case 'reply':
      answered(message);
      break;
    case 'highlight':
      panel.highlight(message.tokens);
      break;
    case 'status':
      panel.status(message.busy, message.stale, message.error);
      break;
  }
});

function savedView(): ViewState | undefined {
  return (host.load() as { view?: ViewState } | undefined)?.view;
}

window.addEventListener('error', (event) => host.send({ type: 'problem', message: event.message }));
window.addEventListener('unhandledrejection', (event) => host.send({ type: 'problem', message: String(event.reason) }));
host.send({ type: 'ready' });
