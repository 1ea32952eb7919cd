// Plays the Hugging Face Hub on this machine: one model, made of the files of a folder.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const commit = '0123456789abcdef0123456789abcdef01234567';
const pieces = 20;

/** Serves a folder as a model; `slow` lets its weights come in pieces. Another name is answered as one that is gated. */
export async function playHub(id, folder, slow = { milliseconds: 0 }) {
  const files = new Map(readdirSync(folder).filter((name) => /\.(json|txt|safetensors)$/.test(name)).map((name) => [name, readFileSync(join(folder, name))]));
  const large = (name) => name.endsWith('.safetensors');
  const siblings = [...files].map(([rfilename, content]) =>
    large(rfilename)
      ? { rfilename, size: content.length, lfs: { sha256: createHash('sha256').update(content).digest('hex'), size: content.length } }
      : { rfilename, size: content.length, blobId: createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex') },
  );
  const server = createServer(async (request, response) => {
    const path = request.url.split('?')[0];
    if (path === `/api/models/${id}/revision/main`) return response.end(JSON.stringify({ sha: commit, siblings }));
    const content = path.startsWith(`/${id}/resolve/`) && files.get(path.split('/').at(-1));
    if (!content) return response.writeHead(403, { 'X-Error-Code': 'GatedRepo' }).end();
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, { 'Content-Length': content.length - start });
    const step = Math.ceil(content.length / pieces);
    for (let at = start; at < content.length; at += step) {
      response.write(content.subarray(at, Math.min(content.length, at + step)));
      if (large(path) && slow.milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, slow.milliseconds));
    }
    response.end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { endpoint: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
