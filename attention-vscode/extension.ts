import * as vscode from 'vscode';
import * as analyze from './analyze';
import * as compare from './compare';
import { Shown, type AttentionContext } from './context';
import * as editor from './editor';
import * as download from './download';
import * as exporting from './export';
import * as history from './history';
import { Importances } from './importances';
import * as inlays from './inlays';
import * as models from './models';
import * as modelsView from './modelsView';
import * as panel from './panel';
import { Server } from './server';
import * as runsView from './runsView';
import * as squad from './squad';
import * as sweep from './sweep';
import * as train from './train';
import * as zones from './zones';

/** Registers the features; nothing runs before the first command. */
export function activate(extension: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Attention', { log: true });
  const server = new Server(extension, log);
  const shown = new Shown();
  const context: AttentionContext = { extension, server, log, shown, importances: new Importances(server, shown, log), modelsChanged: new vscode.EventEmitter<void>(), runsChanged: new vscode.EventEmitter<void>() };
  extension.subscriptions.push(
    log,
    server,
    vscode.commands.registerCommand('attention.showLog', () => log.show()),
    vscode.commands.registerCommand('attention.restartServer', () => server.restart()),
    vscode.commands.registerCommand('attention.clearCache', () => server.request('workspace/executeCommand', { command: 'attention.server.clearCache' })),
  );
  for (const feature of [panel, analyze, compare, history, editor, inlays, squad, zones, sweep, runsView, train, models, modelsView, download, exporting]) feature.activate(context);
}
