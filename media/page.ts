// An exported page: the panel's own views over numbers that the page carries itself.
import type { PageData } from '../protocol/messages';
import { WholeFile } from './data/source';
import { heading } from './panel/heading';
import { aloneHost } from './panel/host';
import { Panel } from './panel/panel';
import { loadSkia, unpack } from './skia/canvaskit';
import './panel.css';

const content = (id: string) => document.getElementById(id)?.textContent ?? '';

async function decode(base64: string): Promise<Response> {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new Response(bytes);
}

const skia = loadSkia(decode(content('attention-skia')).then(unpack));
const others = (id: string) => new WholeFile(decode(content(`attention-tensors-${id}`)).then((response) => response.arrayBuffer()));
const panel = new Panel(document.body, aloneHost, skia, others);
const data = content('attention-data');
if (data) {
  const { analysis, view } = JSON.parse(data) as PageData;
  document.title = `Attention: ${analysis.text.slice(0, 60)}`;
  document.body.prepend(heading(analysis));
  void panel.open(analysis, new WholeFile(decode(content('attention-tensors')).then((response) => response.arrayBuffer())), view);
}
