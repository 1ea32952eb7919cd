import type { FromWebview, ToWebview } from '../../protocol/messages';

/** Whoever the panel lives in: VS Code, or a page that stands alone. */
export interface Host {
  send(message: FromWebview): void;
  listen(listener: (message: ToWebview) => void): void;
  load(): unknown;
  save(state: unknown): void;
  /** Whether commands of the editor can be run. */
  readonly commands: boolean;
}

declare function acquireVsCodeApi(): { postMessage(message: unknown): void; getState(): unknown; setState(state: unknown): void };

export function vscodeHost(): Host {
  const api = acquireVsCodeApi();
  return {
    send: (message) => api.postMessage(message),
    listen: (listener) => window.addEventListener('message', (event: MessageEvent<ToWebview>) => listener(event.data)),
    load: () => api.getState(),
    save: (state) => api.setState(state),
    commands: true,
  };
}

/** A page that nobody talks to. */
export const aloneHost: Host = { send: () => {}, listen: () => {}, load: () => undefined, save: () => {}, commands: false };
