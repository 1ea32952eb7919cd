import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import * as config from './config';

/** The server as a program: where it is, how it is started, and what to tell the user when it will not. */

const windows = process.platform === 'win32';
const endingMilliseconds = 500;

export class ServerProcess {
  private complaint = '';
  private readonly ended: Promise<string>;

  private constructor(
    readonly path: string,
    readonly child: ChildProcessWithoutNullStreams,
  ) {
    child.stderr.on('data', (data: Buffer) => {
      this.complaint ||= data.toString().trim().split('\n')[0];
    });
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => resolve(this.complaint || (signal ? `signal ${signal}` : `exit code ${code}`)));
    });
  }

  /** Starts the server below a folder of the extension; a server that cannot be found is an error for the user. */
  static start(extension: string, args: string[]): ServerProcess {
    const path = find(extension);
    // Windows runs .cmd files through its shell only, which wants quotes.
    const shell = windows && path.endsWith('.cmd');
    return new ServerProcess(path, shell ? spawn(`"${path}"`, args.map((a) => `"${a}"`), { shell }) : spawn(path, args));
  }

  /** Why it could not be spoken to: what the program said first, when it ended. */
  async problem(otherwise: string): Promise<string> {
    const silent = new Promise<string>((resolve) => setTimeout(() => resolve(otherwise), endingMilliseconds));
    const why = await Promise.race([this.ended, silent]);
    return `The Attention server could not be started: ${why}${why.includes(this.path) ? '' : ` (${this.path})`}.`;
  }

  kill(): void {
    this.child.kill();
  }
}

/** The user's own server, the packaged one, or the one of a checkout. */
function find(extension: string): string {
  const own = config.serverPath();
  const candidates = own ? [own] : [join(extension, 'server', windows ? 'attention.exe' : 'attention'), join(extension, 'bin', windows ? 'attention.cmd' : 'attention')];
  for (const path of candidates) {
    try {
      accessSync(path, windows ? constants.F_OK : constants.X_OK);
      return path;
    } catch {
      // Tried in order; when none will do, the error below names the first.
    }
  }
  throw new Error(`The Attention server is missing or not executable: ${candidates[0]}. ${own ? 'Correct the setting attention.server.path.' : 'Install the extension again.'}`);
}
