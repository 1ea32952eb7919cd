import * as vscode from 'vscode';

/** The extension's settings; nobody else reads them. */

const section = 'attention';

export interface ServerSettings {
  model: string;
  threads: number;
  device: string;
  cudaPath: string;
  trusted: boolean;
}

function read<T>(name: string, fallback: T): T {
  return vscode.workspace.getConfiguration(section).get<T>(name, fallback);
}

/** What the server is told. */
export function serverSettings(): ServerSettings {
  return { model: model(), threads: read('threads', 0), device: read('device', 'auto'), cudaPath: read('cuda.path', ''), trusted: vscode.workspace.isTrusted };
}

/** A server of the user's own; never taken from a workspace that is not trusted. */
export function serverPath(): string {
  return vscode.workspace.isTrusted ? read('server.path', '') : '';
}

export function cacheMegabytes(): number {
  return read('cache.sizeMB', 1024);
}

export function tintsEnabled(): boolean {
  return read('tint.enabled', true);
}

export function enableTints(on: boolean): Thenable<void> {
  return vscode.workspace.getConfiguration(section).update('tint.enabled', on, vscode.ConfigurationTarget.Global);
}

export function inlayNumbersEnabled(): boolean {
  return read('inlayNumbers.enabled', false);
}

export function analyzesOnSave(): boolean {
  return read('analyzeOnSave', false);
}

export function idleMinutes(): number {
  return read('server.idleMinutes', 30);
}

export function model(): string {
  return read('model', '');
}

/** For this workspace where it has a model of its own, else for all; nothing means the bundled default. */
export async function setModel(name: string): Promise<void> {
  const settings = vscode.workspace.getConfiguration(section);
  const own = settings.inspect('model')?.workspaceValue !== undefined;
  await settings.update('model', name || undefined, own ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global);
}

export function onChange(listener: (affects: (name: string) => boolean) => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(section)) listener((name) => event.affectsConfiguration(`${section}.${name}`));
  });
}
