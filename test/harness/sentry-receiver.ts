/** A receiver of Sentry envelopes, with answers to order. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { Scope } from './folder.js';

/** A frame as Sentry's event payload has it. */
interface SentryFrame {
  readonly function?: string;
  readonly filename?: string;
  readonly abs_path?: string;
  readonly lineno?: number;
  readonly colno?: number;
  readonly in_app?: boolean;
  readonly pre_context?: readonly string[];
  readonly context_line?: string;
  readonly post_context?: readonly string[];
}

/** The parts of an event that the tests look at. */
interface SentryEvent {
  readonly event_id: string;
  readonly timestamp: number;
  readonly platform: string;
  readonly level: string;
  readonly environment?: string;
  readonly release?: string;
  readonly fingerprint: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly contexts: Readonly<Record<string, Record<string, unknown> | undefined>>;
  readonly exception: {
    readonly values: readonly {
      readonly type: string;
      readonly value: string;
      readonly thread_id?: string;
      readonly mechanism: { readonly type: string; readonly handled: boolean };
      readonly stacktrace: { readonly frames: readonly SentryFrame[] };
    }[];
  };
}

/** One request, as it arrived. */
interface Arrival {
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Size of the body before compression, in bytes. */
  readonly bytes: number;
  readonly header: { readonly event_id: string; readonly dsn?: string };
  readonly event: SentryEvent;
}

/** An answer: a status with headers, or none at all. */
export type Answer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | 'silence'
  | 'reset';

/**
 * Reads an envelope with one event: header line, item header line, payload.
 *
 * @throws Error when it is anything else
 */
function parseEnvelope(body: Buffer): Pick<Arrival, 'header' | 'event'> {
  const headerEnd = body.indexOf('\n');
  const itemEnd = body.indexOf('\n', headerEnd + 1);
  if (headerEnd < 0 || itemEnd < 0) throw new Error(`no envelope: ${body.toString()}`);
  const header = JSON.parse(body.toString('utf8', 0, headerEnd)) as Arrival['header'];
  const item = JSON.parse(body.toString('utf8', headerEnd + 1, itemEnd)) as {
    type: string;
    length?: number;
  };
  // Without a length, the payload is a line: SDKs send theirs so.
  const lineEnd = body.indexOf('\n', itemEnd + 1);
  const endOfLine = lineEnd < 0 ? body.length : lineEnd;
  const end = item.length === undefined ? endOfLine : itemEnd + 1 + item.length;
  const payload = body.subarray(itemEnd + 1, end);
  const rest = body.toString('utf8', end);
  if (item.type !== 'event' || rest.trim() !== '') {
    throw new Error(`not an envelope with one event: ${JSON.stringify(item)}, then '${rest}'`);
  }
  return { header, event: JSON.parse(payload.toString()) as SentryEvent };
}

/** A receiver that is up. */
export interface SentryReceiver {
  readonly port: number;
  readonly dsn: string;
  /** Everything that came, refused or not, in order. */
  readonly arrivals: readonly Arrival[];
  /** What came that was no envelope with one event. Must stay empty. */
  readonly faults: readonly string[];
}

export const PUBLIC_KEY = 'c0ffee00c0ffee00c0ffee00c0ffee00';
export const PROJECT = '42';

/** The DSN of a receiver that listens, or will listen, on a port. */
export function dsnFor(port: number): string {
  return `http://${PUBLIC_KEY}@127.0.0.1:${port}/${PROJECT}`;
}

function give(answer: Answer, response: ServerResponse): void {
  if (answer === 'silence') return;
  if (answer === 'reset') response.destroy();
  else response.writeHead(answer.status, answer.headers).end('{}');
}

/**
 * Starts a receiver.
 *
 * @param answers given in order, then 200 for everything
 * @param port default: any
 */
export async function sentryReceiver(
  scope: Scope,
  answers: readonly Answer[] = [],
  port = 0,
): Promise<SentryReceiver> {
  const arrivals: Arrival[] = [];
  const faults: string[] = [];
  const left = [...answers];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { headers, method = '', url: path = '' } = request;
      try {
        const raw = Buffer.concat(chunks);
        const body = headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
        const atMs = performance.now();
        const envelope = parseEnvelope(body);
        arrivals.push({ atMs, method, path, headers, bytes: body.length, ...envelope });
      } catch (error) {
        faults.push(String(error));
      }
      give(left.shift() ?? { status: 200 }, response);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  scope.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const bound = (server.address() as AddressInfo).port;
  return { port: bound, dsn: dsnFor(bound), arrivals, faults };
}

/** A port of this machine on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
