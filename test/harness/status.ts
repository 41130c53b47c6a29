/** The status server of a program that runs: finding it, and asking it. */
import { request } from 'node:http';
import { connect } from 'node:net';
import type { Running } from './run.js';
import { until } from './until.js';

/** What makes a program serve on any free port, and say which. */
export const SERVING = {
  LOOPWATCH_SERVE: '127.0.0.1:0',
  LOOPWATCH_LOG_LEVEL: 'info',
} as const;

/** Longer than any answer takes, however busy the machine is; far shorter than a hang that is tested. */
const ANSWER_MS = 5000;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The status server of one program. */
export class StatusClient {
  readonly port: number;

  constructor(port: number) {
    this.port = port;
  }

  /** Asks once; each time over a connection of its own. */
  ask(path: string, { method = 'GET', headers = {}, body }: Question = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.port, path, method, headers, agent: false };
      const asked = request({ ...options, timeout: ANSWER_MS }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('error', reject).on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        });
      });
      asked.on('timeout', () => asked.destroy(new Error(`no answer to ${path}`)));
      asked.on('error', reject).end(body);
    });
  }

  /** Asks until the status of the answer is the wanted one. */
  async becomes(path: string, status: number): Promise<Answer> {
    let last: Answer | undefined;
    return until(
      `${status} from ${path}`,
      async () => {
        last = await this.ask(path);
        return last.status === status && last;
      },
      { seen: () => last },
    );
  }

  /** Sends bytes as they are; resolves with what came back when the other side has closed. */
  raw(bytes: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = '';
      const socket = connect(this.port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
      socket.setTimeout(3 * ANSWER_MS, () => socket.destroy(new Error('it was never closed')));
      socket.setEncoding('latin1').on('data', (part: string) => {
        text += part;
      });
      socket.on('error', (error: NodeJS.ErrnoException) => {
        // Closed without reading what we sent is closed, too.
        if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(text);
        else reject(error);
      });
      socket.on('close', () => resolve(text));
    });
  }

  /** Whether anyone listens there. */
  isUp(): Promise<boolean> {
    return this.ask('/livez').then(
      () => true,
      () => false,
    );
  }
}

/** Waits until it says where it listens; the latest place counts. */
export async function statusOf(running: Running): Promise<StatusClient> {
  const [, port] = await running.says('stderr', /status server listens on http:\/\/\S+:(\d+)/);
  return new StatusClient(Number(port));
}
