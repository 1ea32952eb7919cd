import type { FromWebview, ToWebview } from '../../protocol/messages';

/** Whoever the panel lives in: VS Code, or a page that stands alone. */
export interface Host<From = FromWebview, To = ToWebview> {
  send(message: From): void;
  listen(listener: (message: To) => void): void;
  load(): unknown;
  save(state: unknown): void;
  /** Whether commands of the editor can be run. */
  readonly commands: boolean;
}

declare function acquireVsCodeApi(): { postMessage(message: unknown): void; getState(): unknown; setState(state: unknown): void };

/** A state holds the whole description of an analysis: it is written when the reader comes to rest, not at every step. */
const restMilliseconds = 150;

export function vscodeHost<From = FromWebview, To = ToWebview>(): Host<From, To> {
  const api = acquireVsCodeApi();
  let [state, resting]: [unknown, ReturnType<typeof setTimeout> | undefined] = [undefined, undefined];
  const write = () => {
    if (resting === undefined) return;
    clearTimeout(resting);
    resting = undefined;
    api.setState(state);
  };
  window.addEventListener('pagehide', write);
  return {
    send: (message) => api.postMessage(message),
    listen: (listener) => window.addEventListener('message', (event: MessageEvent<To>) => listener(event.data)),
    load: () => {
      write();
      return api.getState();
    },
    save: (next) => {
      state = next;
      clearTimeout(resting);
      resting = setTimeout(write, restMilliseconds);
    },
    commands: true,
  };
}

/** A page that nobody talks to. */
export const aloneHost: Host = { send: () => {}, listen: () => {}, load: () => undefined, save: () => {}, commands: false };
