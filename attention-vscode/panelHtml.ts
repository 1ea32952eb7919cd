import { randomBytes } from 'node:crypto';
import type * as vscode from 'vscode';
import { Uri } from 'vscode';

/** The page that panels load: the views, under a policy that lets nothing else in. */
export function panelHtml(webview: vscode.Webview, media: vscode.Uri, page: 'panel' | 'study' = 'panel'): string {
  const nonce = randomBytes(16).toString('base64');
  const file = (name: string) => webview.asWebviewUri(Uri.joinPath(media, name)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'wasm-unsafe-eval'`,
    `connect-src ${webview.cspSource} blob:`,
    `img-src ${webview.cspSource} data: blob:`,
    `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    `font-src ${webview.cspSource}`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="preload" as="fetch" crossorigin href="${file('canvaskit.wasm.gz')}">
<link rel="stylesheet" href="${file('codicon.css')}">
<link rel="stylesheet" href="${file(`${page}.css`)}">
<title>Attention</title>
</head>
<body data-skia="${file('canvaskit.wasm.gz')}">
<script nonce="${nonce}" src="${file(`${page}.js`)}"></script>
</body>
</html>`;
}
