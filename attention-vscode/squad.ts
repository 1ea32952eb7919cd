import * as vscode from 'vscode';
import { analyze } from './analyze';
import type { AttentionContext } from './context';

/** Code lenses above SQuAD-format files and their questions. */

const largest = 20 << 20;

interface Question {
  question: string;
  passage: string;
  /** Where its key stands in the document. */
  offset: number;
}

interface Paragraph {
  context?: unknown;
  qas?: { question?: unknown }[];
}

export function activate(context: AttentionContext): void {
  context.extension.subscriptions.push(
    vscode.languages.registerCodeLensProvider([{ language: 'json' }, { language: 'jsonc' }], {
      provideCodeLenses: (document) => {
        const uri = document.uri.toString();
        const questions = questionsOf(document.getText());
        const lens = (offset: number, title: string, command: string, ...given: unknown[]) => {
          const place = document.positionAt(offset);
          return new vscode.CodeLens(new vscode.Range(place, place), { title, command, arguments: [uri, ...given] });
        };
        return [
          // The server reads the file where it lies.
          ...(questions.length > 0 && document.uri.scheme === 'file' ? [lens(0, '$(graph) Sweep attention zones over this file', 'attention.sweepZones')] : []),
          ...questions.flatMap(({ offset }, index) => [
            lens(offset, '$(symbol-misc) Analyze question and passage', 'attention.analyzeQuestion', index),
            lens(offset, '$(graph) Zone report', 'attention.zoneQuestion', index),
          ]),
        ];
      },
    }),
    vscode.commands.registerCommand('attention.analyzeQuestion', async (uri: string, index: number) => {
      const found = await questionAt(uri, index);
      if (found) await analyze(context, { text: { text: found.question }, pair: { text: found.passage } });
    }),
  );
}

/** One of the questions of a file, as it is now. */
export async function questionAt(uri: string, index: number): Promise<Question | undefined> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
  return questionsOf(document.getText())[index];
}

/** The questions of a file in SQuAD's format, in their order; none of any other file. */
export function questionsOf(text: string): Question[] {
  if (text.length > largest || !text.includes('"qas"') || !text.includes('"paragraphs"')) return [];
  let file: { data?: { paragraphs?: Paragraph[] }[] };
  try {
    file = JSON.parse(text) as typeof file;
  } catch {
    // Half typed: there will be lenses when it is whole again.
    return [];
  }
  if (!Array.isArray(file.data)) return [];
  const questions = file.data.flatMap((article) =>
    (Array.isArray(article?.paragraphs) ? article.paragraphs : []).flatMap(({ context, qas }) =>
      (Array.isArray(qas) ? qas : []).flatMap(({ question }) => (typeof question === 'string' && typeof context === 'string' ? [{ question, passage: context }] : [])),
    ),
  );
  // In a string a quotation mark is escaped: what looks like a key is one.
  const places = [...text.matchAll(/"question"\s*:/g)].map((match) => match.index);
  return places.length === questions.length ? questions.map((question, i) => ({ ...question, offset: places[i] })) : [];
}
