import type { Shown } from '../pictures/matrices';

/** The numbers of a picture as a table that spreadsheets take: a line for each row, tabs between cells. */
export function tableOf({ matrix: { rows, columns, data } }: Shown): string {
  const cell = (text: string) => text.replace(/[\t\r\n]+/g, ' ');
  const lines = rows.map((row, i) => [cell(row.label), ...Array.from(data.subarray(i * columns.length, (i + 1) * columns.length), (value) => (Number.isNaN(value) ? '' : `${value}`))].join('\t'));
  return [['', ...columns.map((column) => cell(column.label))].join('\t'), ...lines].join('\n');
}

/** Puts a picture or its numbers on the clipboard. */
export async function copy(content: Uint8Array<ArrayBuffer> | string): Promise<void> {
  if (typeof content === 'string') await navigator.clipboard.writeText(content);
  else await navigator.clipboard.write([new ClipboardItem({ 'image/png': new Blob([content], { type: 'image/png' }) })]);
}
