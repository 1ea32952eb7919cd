import { css, isBright, series, type ScaleName } from './colour';
import type { Ink, Label, Rect, Role, Scene, Texture } from './scene';

/** The colours and letters of a written picture. */
export interface Paper {
  scale: ScaleName;
  background: string;
  /** A CSS font, size first. */
  font: string;
  colours: Record<Role, string>;
}

/** White paper and dark letters, whatever theme is on screen: figures are read in print. */
export const print: Paper = {
  scale: 'light',
  background: '#ffffff',
  font: '12px Helvetica, Arial, sans-serif',
  colours: { foreground: '#1f1f1f', muted: '#666666', accent: '#005fb8', focus: '#000000', edge: '#d0d0d0' },
};

/** More cells than this are not written one by one. */
const mostCells = 20_000;
/** Cells this large have edges. */
const gridFrom = 8;
const captionHeight = 22;

/**
 * A scene as SVG. Cells, lines and letters stay what they are; only maps of very many cells become the strongest of blocks, as on
 * screen where cells are smaller than pixels.
 */
export function svg(scene: Scene, paper: Paper, caption: string, legend?: { range: [number, number]; diverging: boolean }): string {
  const height = scene.height + captionHeight + (legend ? captionHeight : 0);
  const parts: string[] = [];
  let clips = 0;
  // Several pictures may stand in one page, where ids are shared.
  const mark = [...`${caption} ${scene.width} ${scene.height}`].reduce((hash, letter) => (Math.imul(hash, 31) + letter.codePointAt(0)!) >>> 0, 7).toString(36);
  const clipped = (clip: Rect | undefined, body: string) => {
    if (!clip) return body;
    const id = `clip-${mark}-${++clips}`;
    return `<clipPath id="${id}"><rect ${box(clip)}/></clipPath><g clip-path="url(#${id})">${body}</g>`;
  };
  for (const item of scene.items)
    switch (item.kind) {
      case 'texture':
        parts.push(clipped(item.clip, cells(item, paper)));
        break;
      case 'box':
        parts.push(clipped(item.clip, `<rect ${box(item.area)} fill="${item.fill ? ink(paper, item.fill) : 'none'}"${item.opacity === undefined ? '' : ` fill-opacity="${short(item.opacity)}"`}${item.stroke ? ` stroke="${ink(paper, item.stroke)}" stroke-width="${short(item.width ?? 1)}"` : ''}/>`));
        break;
      case 'curves':
        for (const curve of item.list) {
          const middle = (curve.from[0] + curve.to[0]) / 2;
          const path = `M${curve.from.map(short).join(' ')}C${[middle, curve.from[1], middle, curve.to[1], ...curve.to].map(short).join(' ')}`;
          parts.push(`<path d="${path}" fill="none" stroke="${ink(paper, curve.ink)}" stroke-width="${short(curve.width)}" stroke-opacity="${short(curve.opacity)}"/>`);
        }
        break;
      case 'line':
        parts.push(`<polyline points="${item.points.flat().map(short).join(' ')}" fill="none" stroke="${ink(paper, item.ink)}" stroke-width="${short(item.width)}" stroke-opacity="${short(item.opacity)}" stroke-linejoin="round"/>`);
        break;
      case 'disc':
        parts.push(`<circle cx="${short(item.x)}" cy="${short(item.y)}" r="${short(item.radius)}" fill="${ink(paper, item.ink)}" fill-opacity="${short(item.opacity)}"/>`);
        break;
      case 'label':
        parts.push(clipped(item.clip, text(item, paper)));
        break;
    }
  if (legend) parts.push(scaleBar(legend, scene.height + 4, paper));
  parts.push(`<text x="8" y="${short(height - 7)}" fill="${paper.colours.muted}">${escaped(caption)}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${scene.width}" height="${height}" viewBox="0 0 ${scene.width} ${height}" style="font:${escaped(paper.font)}"><rect width="100%" height="100%" fill="${paper.background}"/>${parts.join('')}</svg>\n`;
}

function cells(item: Texture, paper: Paper): string {
  const block = Math.max(1, Math.ceil(Math.sqrt((item.columns * item.rows) / mostCells)));
  const [low, high] = item.range;
  const [width, height] = [item.area.width / item.columns, item.area.height / item.rows];
  const seen = (x: number, y: number, w: number, h: number) => x + w > item.clip.x && y + h > item.clip.y && x < item.clip.x + item.clip.width && y < item.clip.y + item.clip.height;
  let body = '';
  for (let row = 0; row < item.rows; row += block)
    for (let column = 0; column < item.columns; column += block) {
      const [x, y, w, h] = [item.area.x + column * width, item.area.y + row * height, Math.min(block, item.columns - column) * width, Math.min(block, item.rows - row) * height];
      if (!seen(x, y, w, h)) continue;
      const share = (strongest(item, row, column, block) - low) / (high - low || 1);
      body += `<rect x="${short(x)}" y="${short(y)}" width="${short(w)}" height="${short(h)}" fill="${hex(css(paper.scale, share, item.diverging))}"/>`;
    }
  return `<g shape-rendering="crispEdges">${body}${block === 1 && Math.min(width, height) >= gridFrom ? edges(item, width, height) : ''}</g>`;
}

/** The dark edges that keep large cells apart, as on screen. */
function edges({ area, rows, columns }: Texture, width: number, height: number): string {
  const along = Array.from({ length: columns }, (_, i) => `M${short(area.x + (i + 1) * width - 0.5)} ${short(area.y)}v${short(area.height)}`);
  const down = Array.from({ length: rows }, (_, i) => `M${short(area.x)} ${short(area.y + (i + 1) * height - 0.5)}h${short(area.width)}`);
  return `<path d="${along.join('')}${down.join('')}" stroke="#000" stroke-opacity="0.35"/>`;
}

function strongest(item: Texture, row: number, column: number, block: number): number {
  let found = item.data[row * item.columns + column];
  for (let i = row; i < Math.min(item.rows, row + block); i++)
    for (let j = column; j < Math.min(item.columns, column + block); j++) {
      const score = item.data[i * item.columns + j];
      if (Math.abs(score) > Math.abs(found)) found = score;
    }
  return Number.isNaN(found) ? (item.diverging ? 0 : item.range[0]) : found;
}

function scaleBar({ range, diverging }: { range: [number, number]; diverging: boolean }, y: number, paper: Paper): string {
  const steps = 32;
  const bars = Array.from({ length: steps }, (_, i) => `<rect x="${60 + i * 5}" y="${short(y)}" width="5.5" height="9" fill="${hex(css(paper.scale, i / (steps - 1), diverging))}"/>`).join('');
  const end = (value: number, x: number, anchor: string) => `<text x="${x}" y="${short(y + 9)}" text-anchor="${anchor}" fill="${paper.colours.foreground}">${escaped(String(Number(value.toPrecision(3))))}</text>`;
  return `${end(range[0], 54, 'end')}${bars}${end(range[1], 60 + steps * 5 + 6, 'start')}`;
}

function text(label: Label, paper: Paper): string {
  const anchor = { left: 'start', center: 'middle', right: 'end' }[label.align];
  const fill = label.on ? (isBright(paper.scale, label.on.share, label.on.diverging) ? '#000' : '#fff') : paper.colours[label.role];
  const turn = label.angle === 0 ? '' : ` transform="rotate(${label.angle} ${short(label.x)} ${short(label.y)})"`;
  return `<text x="${short(label.x)}" y="${short(label.y)}" text-anchor="${anchor}" dominant-baseline="central" fill="${fill}"${label.bold ? ' font-weight="600"' : ''}${turn}>${escaped(label.text)}</text>`;
}

function ink(paper: Paper, wanted: Ink): string {
  return typeof wanted === 'string' ? paper.colours[wanted] : hex(series(paper.scale, wanted.series));
}

function box(area: Rect): string {
  return `x="${short(area.x)}" y="${short(area.y)}" width="${short(area.width)}" height="${short(area.height)}"`;
}

/** rgb(1 2 3) as #010203, which every program reads. */
function hex(colour: string): string {
  const numbers = colour.match(/\d+/g)!.map(Number);
  return `#${numbers.map((n) => n.toString(16).padStart(2, '0')).join('')}`;
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** Letters that markup takes for itself; control characters, which XML has no place for, become blanks. */
function escaped(value: string): string {
  // eslint-disable-next-line no-control-regex
  return value.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, ' ').replace(/[&<>"]/g, (letter) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[letter]!);
}
