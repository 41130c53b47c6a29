/** The socket of the status server: bounded in every way, and never anyone's trouble but its own. */
import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { pipeline } from 'node:stream';
import { codeOf, messageOf } from '../../shared/errors.js';
import type { ServeAddress } from '../../shared/options/serve-address.js';
import {
  type Answer,
  answerTo,
  captureAnswer,
  failure,
  full,
  type Rules,
  type Sources,
} from './answers.js';
import type { CaptureRequest } from './capture-request.js';
import type { Captures } from './captures.js';
import { EventStreams } from './event-streams.js';

/** Scrapers, probes and a person at a time; whoever comes then is turned away. */
const MOST_CONNECTIONS = 64;

/** A request here has no body and a handful of headers. */
const MOST_HEADER_BYTES = 8 * 1024;
const MOST_HEADERS = 64;
const REQUEST_MS = 5000;
const CHECK_EVERY_MS = 1000;

/** Scrapers come every 15 to 60 s: a connection is not worth keeping for the next one. */
const KEEP_ALIVE_MS = 5000;

/** A reader that takes nothing for this long is gone. */
const IDLE_MS = 10_000;

/**
 * How often a port that is taken is tried again: its holder may be an earlier instance of the same
 * program, on its way out.
 */
const RETRY_MS = 5000;

/** What the server says of itself. */
export interface ServerLog {
  listening(url: string): void;
  /** @param isTaken whether someone else has the port */
  failed(why: string, isTaken: boolean): void;
}

/** Sends an answer that is whole. */
function send(response: ServerResponse, { status, headers, body }: Answer): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, 'content-length': bytes.length });
  response.end(bytes);
}

/** `http://[::1]:9464`. */
function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** Listens from its construction to {@link close}. */
export class StatusServer {
  readonly #server: Server;
  readonly #address: ServeAddress;
  readonly #rules: Rules;
  readonly #sources: Sources;
  readonly #captures: Captures;
  readonly #log: ServerLog;
  readonly #streams: EventStreams;
  #retry: NodeJS.Timeout | undefined;

  /** @param token '' for none */
  constructor(
    address: ServeAddress,
    token: string,
    sources: Sources,
    captures: Captures,
    log: ServerLog,
  ) {
    this.#address = address;
    this.#rules = { host: address.host, machine: hostname(), token };
    this.#sources = sources;
    this.#captures = captures;
    this.#log = log;
    this.#streams = new EventStreams(sources);
    this.#server = createServer(
      {
        maxHeaderSize: MOST_HEADER_BYTES,
        headersTimeout: REQUEST_MS,
        requestTimeout: REQUEST_MS,
        connectionsCheckingInterval: CHECK_EVERY_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
      },
      (request, response) => this.#serve(request, response),
    );
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#server.maxHeadersCount = MOST_HEADERS;
    this.#server.setTimeout(IDLE_MS);
    this.#server.on('error', (error) => this.#failed(error));
    this.#server.on('listening', () => {
      this.#log.listening(urlOf(this.#server.address() as AddressInfo));
    });
    this.#listen();
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#streams.close();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #listen(): void {
    try {
      this.#server.listen({ ...this.#address, exclusive: true });
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#log.failed(messageOf(error), codeOf(error) === 'EADDRINUSE');
    // Once it listens, an error is about one connection (too many open files).
    if (this.#server.listening) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#listen(), RETRY_MS);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    // Whoever goes away in the middle is no error of ours.
    request.on('error', () => {}).resume();
    response.on('error', () => {});
    const answer = this.#answer(request);
    if (answer.capture !== undefined) {
      void this.#capture(answer.capture, response);
      return;
    }
    const isStream = answer.streams === true && request.method === 'GET';
    if (isStream && !this.#streams.isFull) {
      response.writeHead(answer.status, answer.headers);
      this.#streams.add(response);
      return;
    }
    send(response, isStream ? full() : answer);
  }

  /** Answers with a capture, once it is made. */
  async #capture(request: CaptureRequest, response: ServerResponse): Promise<void> {
    // Nothing goes over the connection meanwhile.
    response.setTimeout(0);
    const outcome = await this.#captures.take(request);
    response.setTimeout(IDLE_MS);
    const name = `${hostname()}-${process.pid}-${Date.now()}`;
    const answer = captureAnswer(request, outcome, name.replaceAll(/[^\w.-]/g, '_'));
    if ('why' in outcome) {
      send(response, answer);
      return;
    }
    response.writeHead(answer.status, answer.headers);
    const file = createReadStream('', { fd: outcome.descriptor });
    // Closes the file, also when nobody reads it to its end.
    pipeline(file, response, () => {});
  }

  #answer({ method = '', url = '', headers, headersDistinct }: IncomingMessage): Answer {
    // Of two names Node would believe the first; who sends two is up to something.
    const host = headersDistinct.host?.length === 1 ? headers.host : undefined;
    const request = { method, target: url, headers: { ...headers, host } };
    try {
      return answerTo(request, this.#rules, this.#sources);
    } catch {
      return failure();
    }
  }
}
