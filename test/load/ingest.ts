/**
 * An ingest for Sentry envelopes that is not always well, and writes down what it got and what it said
 * to whom. The user agent says which process sends; the key of a DSN, whose event it is.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { Lots, type Mood, type Phase } from './plan.js';

export interface Arrival {
  readonly id: string;
  /** The sender. */
  readonly key: string;
  readonly atMs: number;
  readonly mood: Mood;
  /** What was answered, or was to be; null when the connection was reset instead. */
  readonly status: number | null;
  /** Whether the ingest has kept the event, whatever the sender came to know about that. */
  readonly accepted: boolean;
  /** When the answer was given; null when there was none, or nobody left to hear it. */
  answeredMs: number | null;
}

interface Response {
  readonly status: number | null;
  readonly accepted: boolean;
  readonly afterMs: number;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Envelope {
  readonly id: string;
  readonly key: string;
  /** Whether it has more in it than it must have: what is sent when a server finds a body too large. */
  readonly isLarge: boolean;
}

function read(
  request: IncomingMessage,
  chunks: readonly Buffer[],
  senders: ReadonlyMap<number, string>,
): Envelope {
  const raw = Buffer.concat(chunks);
  const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
  const [head, item, payload] = body.toString().split('\n');
  const { event_id: id } = JSON.parse(head ?? '') as { event_id: string };
  const { type } = JSON.parse(item ?? '') as { type: string };
  const event = JSON.parse(payload ?? '') as { event_id: string };
  const [, pid] = /pid\/(\d+)/.exec(String(request.headers['user-agent'])) ?? [];
  const key = senders.get(Number(pid)) ?? '';
  if (type !== 'event' || event.event_id !== id || key === '') throw new Error(`no event: ${head}`);
  // By its contents, since sizes depend on the lengths of paths.
  return { id, key, isLarge: payload?.includes('"pre_context"') === true };
}

/** An ingest on a port of its own. */
export class Ingest {
  readonly arrivals: Arrival[] = [];
  /** Keys by pid. */
  readonly senders = new Map<number, string>();
  /** What came that was no event. Must stay empty. */
  readonly faults: string[] = [];
  readonly #server = createServer((request, response) => this.#take(request, response));
  readonly #sockets = new Set<Socket>();
  readonly #lots: Lots;
  #mood: Mood = 'healthy';
  #port = 0;
  #timer: NodeJS.Timeout | undefined;
  #phases: Iterator<Phase, unknown> | undefined;

  constructor(seed: number) {
    this.#lots = new Lots(seed);
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  get mood(): Mood {
    return this.#mood;
  }

  dsn(key: string): string {
    return `http://${key}@127.0.0.1:${this.#port}/42`;
  }

  async open(): Promise<void> {
    await this.#listen();
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Has one mood after the other, until it is told to get well. */
  suffer(phases: Iterator<Phase, unknown>): void {
    this.#phases = phases;
    this.#change();
  }

  async recover(): Promise<void> {
    this.#phases = undefined;
    clearTimeout(this.#timer);
    this.#mood = 'healthy';
    if (!this.#server.listening) await this.#listen();
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#cut();
    if (!this.#server.listening) return;
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject).listen(this.#port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #change(): void {
    const phase = this.#phases?.next();
    if (phase === undefined || phase.done === true) return;
    const { mood, ms } = phase.value;
    this.#mood = mood;
    this.#timer = setTimeout(() => this.#change(), ms);
    if (mood === 'down') {
      this.#server.close();
      this.#cut();
    } else if (!this.#server.listening) {
      void this.#listen().catch((error: unknown) => this.faults.push(String(error)));
    }
  }

  #decide(isLarge: boolean): Response {
    const fine = { status: 200, accepted: true, afterMs: 0 };
    switch (this.#mood) {
      case 'slow':
        return { ...fine, afterMs: this.#lots.between(300, 1500) };
      case 'limited':
        return { status: 429, accepted: false, afterMs: 0, headers: { 'retry-after': '1' } };
      case 'strict':
        return isLarge ? { status: 413, accepted: false, afterMs: 0 } : fine;
      case 'broken':
        return { status: 500, accepted: false, afterMs: 0 };
      case 'reset':
        // Some of what is lost is the answer only.
        return {
          status: null,
          accepted: this.#lots.chance(0.5),
          afterMs: this.#lots.between(0, 50),
        };
      default:
        return fine;
    }
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    response.on('error', () => {});
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      try {
        const { id, key, isLarge } = read(request, chunks, this.senders);
        const { status, accepted, afterMs, headers } = this.#decide(isLarge);
        const about = { atMs: Date.now(), mood: this.#mood, status, accepted };
        const arrival: Arrival = { id, key, ...about, answeredMs: null };
        this.arrivals.push(arrival);
        response.on('finish', () => {
          arrival.answeredMs = Date.now();
        });
        const answer = () => {
          if (status === null) request.socket.destroy();
          else response.writeHead(status, headers).end('{}');
        };
        if (afterMs === 0) answer();
        else setTimeout(answer, afterMs);
      } catch (error) {
        this.faults.push(String(error));
        response.writeHead(400).end();
      }
    });
  }
}
