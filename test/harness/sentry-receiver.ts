/** A receiver of Sentry envelopes, with answers to order. */
import { readFileSync } from 'node:fs';
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { Scope } from './folder.js';
import { fixturePath } from './places.js';

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
export interface SentryEvent {
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
  readonly header: {
    readonly event_id: string;
    readonly dsn?: string;
    readonly trace?: { readonly trace_id: string; readonly public_key: string };
  };
  readonly event: SentryEvent;
  /** What is attached, by file name. */
  readonly files: Readonly<Record<string, string>>;
}

/** An answer: a status with headers, or none at all. */
export type Answer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | 'silence'
  | 'reset';

interface Item {
  readonly header: { readonly type: string; readonly filename?: string; readonly length?: number };
  readonly payload: Buffer;
}

function itemsOf(body: Buffer, from: number): Item[] {
  const items: Item[] = [];
  for (let at = from; body.toString('utf8', at).trim() !== ''; ) {
    const headerEnd = body.indexOf('\n', at);
    if (headerEnd < 0) throw new Error(`no envelope: ${body.toString()}`);
    const header = JSON.parse(body.toString('utf8', at, headerEnd)) as Item['header'];
    // Without a length, the payload is a line: SDKs send theirs so.
    const lineEnd = body.indexOf('\n', headerEnd + 1);
    const endOfLine = lineEnd < 0 ? body.length : lineEnd;
    const end = header.length === undefined ? endOfLine : headerEnd + 1 + header.length;
    items.push({ header, payload: body.subarray(headerEnd + 1, end) });
    at = end + 1;
  }
  return items;
}

/**
 * Reads an envelope with one event and the files that go with it: a header line, then for each item
 * a header line and a payload (Sentry's developer documentation, "Envelopes").
 *
 * @throws Error when it is anything else
 */
function parseEnvelope(body: Buffer): Pick<Arrival, 'header' | 'event' | 'files'> {
  const headerEnd = body.indexOf('\n');
  if (headerEnd < 0) throw new Error(`no envelope: ${body.toString()}`);
  const header = JSON.parse(body.toString('utf8', 0, headerEnd)) as Arrival['header'];
  const [first, ...more] = itemsOf(body, headerEnd + 1);
  if (first?.header.type !== 'event' || more.some((one) => one.header.type !== 'attachment')) {
    throw new Error(`not an envelope with one event: ${body.toString()}`);
  }
  const files = more.map((one) => [one.header.filename ?? '', one.payload.toString()] as const);
  const event = JSON.parse(first.payload.toString()) as SentryEvent;
  return { header, event, files: Object.fromEntries(files) };
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

/** The certificate of a receiver that is asked by https: its own authority, for 127.0.0.1. */
export const CERTIFICATE = fixturePath('loopback-cert.pem');

function tlsServer(): Server {
  const key = readFileSync(fixturePath('loopback-key.pem'));
  return createTlsServer({ key, cert: readFileSync(CERTIFICATE) });
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
  { tls = false } = {},
): Promise<SentryReceiver> {
  const arrivals: Arrival[] = [];
  const faults: string[] = [];
  const left = [...answers];
  const server: Server = tls ? tlsServer() : createServer();
  server.on('request', (request, response) => {
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
  const dsn = dsnFor(bound);
  return { port: bound, dsn: tls ? dsn.replace('http:', 'https:') : dsn, arrivals, faults };
}

/** A port of this machine on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
