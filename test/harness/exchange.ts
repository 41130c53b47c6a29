/** Requests to the HTTP programs, and what their answers and reports say. */
import { type IncomingMessage, request } from 'node:http';
import type { BlockRecord } from 'loopwatch';
import type { Scope } from './folder.js';
import { programPath } from './places.js';
import { type Running, type RunOptions, start } from './run.js';
import { until } from './until.js';

/** Longer than any answer takes, however busy the machine is. */
const ANSWER_MS = 15_000;

export interface Answer {
  readonly path: string;
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** As they came, names and values by turns. */
  readonly rawHeaders: readonly string[];
  readonly trailers: IncomingMessage['trailers'];
  readonly body: string;
}

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A program that prints its port, and the records that come over the channel. */
export class HttpProgram {
  readonly running: Running;
  readonly port: number;

  constructor(running: Running, port: number) {
    this.running = running;
    this.port = port;
  }

  /** Asks once, over a connection of its own. */
  ask(path: string, { method = 'GET', headers = {}, body }: Question = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.port, path, method, headers, agent: false };
      const asked = request({ ...options, timeout: ANSWER_MS }, (response) => {
        const { statusCode: status = 0, headers: sent, rawHeaders } = response;
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('error', reject).on('end', () => {
          const { trailers } = response;
          resolve({ path, status, headers: sent, rawHeaders, trailers, body: text });
        });
      });
      asked.on('timeout', () => asked.destroy(new Error(`no answer to ${path}`)));
      asked.on('error', reject).end(body);
    });
  }

  /** The records so far of blocks by the function that blocks; a slow start may be another one. */
  blocks(): BlockRecord[] {
    return [...this.running.stdout.matchAll(/^block (.+)$/gm)]
      .map(([, json]) => JSON.parse(json as string) as BlockRecord)
      .filter(({ culprit }) => culprit?.function === 'render');
  }

  /** Waits until there are that many. */
  blocked(count: number): Promise<BlockRecord[]> {
    return until(`${count} blocks`, () => this.blocks().length >= count && this.blocks(), {
      seen: () => this.running.shown(),
    });
  }

  /** Waits until the program has printed that many lines that begin with a word. */
  printed(word: string, count: number): Promise<string[]> {
    const lines = () => this.running.stdout.split('\n').filter((line) => line.startsWith(word));
    return until(`${count} x ${word}`, () => lines().length >= count && lines(), {
      seen: () => this.running.shown(),
    });
  }
}

/** Starts a program of test/programs that serves, and waits until it listens. */
export async function startHttp(
  scope: Scope,
  [program, ...args]: readonly [string, ...string[]],
  options: RunOptions = {},
): Promise<HttpProgram> {
  const env = { LOOPWATCH_MODE: 'warn', LOOPWATCH_LOG: 'off', ...options.env };
  const running = start(scope, [programPath(program), ...args], { ...options, env });
  const [, port] = await running.says('stdout', /^port (\d+)$/m);
  return new HttpProgram(running, Number(port));
}

/** What an answer says of blocks: how many, and that they took some time. */
export function saysBlocks({ headers }: Answer): number {
  const timing = String(headers['server-timing']);
  const total = Number(headers['x-blocking-total-ms']);
  const count = Number(headers['x-blocking-count']);
  const [, ms] = /\bloop;dur=([\d.]+)/.exec(timing) ?? [];
  const agree = [count > 0, total > 0, Number(ms) > 0, headers['x-blocking-detected'] === 'true'];
  if (new Set(agree).size !== 1) throw new Error(`headers disagree: ${JSON.stringify(headers)}`);
  return count;
}
