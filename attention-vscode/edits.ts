import * as vscode from 'vscode';
import type { Edit, EditFile } from '../protocol/messages';

/** Files of changes to the model: what the panel saves, the terminal takes with --edit. */

const filters = { 'Changes to the model': ['json'] };

export async function saveEdits(interventions: Edit[]): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const name = 'changes.json';
  const target = await vscode.window.showSaveDialog({ defaultUri: folder ? vscode.Uri.joinPath(folder, name) : vscode.Uri.file(name), filters });
  if (!target) return;
  const file: EditFile = { interventions };
  try {
    await vscode.workspace.fs.writeFile(target, Buffer.from(`${JSON.stringify(file, undefined, 2)}\n`));
  } catch (error) {
    void vscode.window.showErrorMessage(`The changes could not be saved to ${target.fsPath}: ${(error as Error).message}`);
  }
}

/** The changes of a file the user chooses; undefined when none is chosen or it has none. */
export async function loadEdits(): Promise<Edit[] | undefined> {
  const [source] = (await vscode.window.showOpenDialog({ canSelectMany: false, filters })) ?? [];
  if (!source) return undefined;
  try {
    const file = JSON.parse(Buffer.from(await vscode.workspace.fs.readFile(source)).toString('utf8')) as Partial<EditFile>;
    if (!Array.isArray(file.interventions)) throw new Error('the file must be {"interventions": [ … ]}');
    return file.interventions;
  } catch (error) {
    void vscode.window.showErrorMessage(`The changes could not be read from ${source.fsPath}: ${(error as Error).message}`);
    return undefined;
  }
}
