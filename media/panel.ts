// The panel inside VS Code: talks to the extension, which talks to the server.
import type { AnalysisSummary, DifferenceParams, Edit, FlowParams, MapInfo, SliceParams, ToWebview, TrustMatrix, ViewState } from '../protocol/messages';
import { Slices, WholeFile, type DataSource } from './data/source';
import { vscodeHost } from './panel/host';
import { Panel } from './panel/panel';
import { loadSkia, unpack } from './skia/canvaskit';
import './panel.css';

const wholeFileBytes = 8 << 20;
const host = vscodeHost();
const skia = loadSkia(fetch(document.body.dataset.skia!).then(unpack));
const panel = new Panel(document.body, host, skia, (analysis) => new Slices(analysis, ask), { compute, trust, vectors, flow, difference, change, cancel });

let lastRequest = 0;
const waiting = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>();

type Reply = ToWebview & { type: 'reply' };

function request(send: (id: number) => void): Promise<Reply> {
  const id = ++lastRequest;
  send(id);
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

async function ask(slice: SliceParams): Promise<{ uri: string; shape: number[] }> {
  const { uri, shape } = await request((id) => host.send({ type: 'slice', id, slice }));
  if (!uri || !shape) throw new Error('The numbers could not be read.');
  return { uri, shape };
}

const underWay = new Set<number>();

/** A request that takes its time and can be stopped: it is answered with nothing then. */
async function long(send: (id: number) => void): Promise<Reply> {
  let asked = 0;
  try {
    return await request((id) => {
      underWay.add((asked = id));
      send(id);
    });
  } finally {
    underWay.delete(asked);
  }
}

async function compute(analysis: string, method: string, target?: string): Promise<MapInfo | undefined> {
  return (await long((id) => host.send({ type: 'compute', id, analysis, method, target }))).map;
}

async function trust(analysis: string, target?: string): Promise<TrustMatrix | undefined> {
  return (await long((id) => host.send({ type: 'trust', id, analysis, target }))).trust;
}

async function vectors(analysis: string): Promise<string | undefined> {
  return (await long((id) => host.send({ type: 'vectors', id, analysis }))).stored;
}

async function flow(graph: FlowParams): Promise<string | undefined> {
  return (await long((id) => host.send({ type: 'flow', id, graph }))).stored;
}

async function difference(methods: DifferenceParams): Promise<string | undefined> {
  return (await long((id) => host.send({ type: 'difference', id, methods }))).stored;
}

async function change(edits: Edit[]): Promise<{ analysis: AnalysisSummary; source: DataSource } | undefined> {
  const { analysis, uri } = await long((id) => host.send({ type: 'change', id, edits }));
  return analysis && uri ? { analysis, source: sourceOf(analysis, uri) } : undefined;
}

function cancel(): void {
  for (const id of underWay) host.send({ type: 'cancel', id });
}

/** What is on screen, for the export command. */
async function picture(id: number, format: string): Promise<void> {
  const bytes = await panel.file(format);
  let text = '';
  for (const byte of bytes ?? []) text += String.fromCharCode(byte);
  host.send({ type: 'save', id, content: bytes ? btoa(text) : undefined });
}

function sourceOf(analysis: AnalysisSummary, fileUri: string): DataSource {
  return analysis.bytes <= wholeFileBytes ? new WholeFile(fetch(fileUri).then((response) => response.arrayBuffer())) : new Slices(analysis.id, ask);
}

function answered(message: Reply): void {
  const asked = waiting.get(message.id);
  waiting.delete(message.id);
  if (message.error) asked?.reject(new Error(message.error));
  else asked?.resolve(message);
}

host.listen((message) => {
  switch (message.type) {
    case 'analysis':
      void panel.open(message.analysis, sourceOf(message.analysis, message.fileUri), message.view ?? savedView());
      break;
    case 'reply':
      answered(message);
      break;
    case 'picture':
      void picture(message.id, message.format);
      break;
    case 'edits':
      panel.setEdits(message.list);
      break;
    case 'texts':
      panel.showTexts(message.list, message.current, message.pinned);
      break;
    case 'explain':
      panel.explainPrediction();
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
