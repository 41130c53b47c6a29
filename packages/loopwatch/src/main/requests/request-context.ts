/** Whose request is running, and how many are in flight: through Node's diagnostics channels. */
import {
  AsyncLocalStorage,
  AsyncResource,
  executionAsyncId,
  triggerAsyncId,
} from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import type { CountedRequests } from '../../shared/metrics/metrics.js';
import type { Settings } from '../../shared/options/option-schema.js';
import type { RequestInfo } from '../../shared/record/record.js';
import { swallowErrors } from '../host/swallow-errors.js';
import type { Moment, RequestWitness } from '../stack/snapshot.js';
import type { Blocking } from './blocking.js';
import type { CatchUp } from './catch-up.js';
import { Exchange, exchangeOf, type Peer, type Routed } from './exchange.js';
import { FrameworkRoutes, peerOf, routeOfSpan } from './framework-routes.js';
import { Http2Requests, type ServerStream } from './http2-requests.js';
import { RequestCounts } from './request-counts.js';

const START = 'http.server.request.start';
const FINISH = 'http.server.response.finish';

/**
 * Aborted requests never reach FINISH and are swept out, once every so many starts: a listener on
 * each response would be seen by the program.
 */
const SWEEP_EVERY = 256;

/** Counting the open requests is done on top of a blocked stack, so it has an end. */
const COUNT_AT_MOST = 10_000;

/** Connections whose latest request is remembered beyond its end, for the timers that it has left. */
const MOST_CONNECTIONS = 1024;

/** The headers of a request that loopwatch reads: see exchange.ts and answers.ts. */
const READ_HEADERS = ['x-request-id', 'accept'];

/** Has the answers of requests changed as they begin. */
interface AnswerChanges {
  configure(settings: Settings): void;
  ofResponse(response: ServerResponse, exchange: Exchange): void;
  ofStream(stream: ServerStream, exchange: Exchange): void;
}

/** What is known of the requests of one loop besides. */
interface Followers {
  readonly catchUp: CatchUp;
  readonly blocking: Blocking;
  readonly answers: AnswerChanges;
}

/** What both channels say. */
interface Message {
  readonly response: ServerResponse;
  readonly socket: object;
}

/** Follows requests while it is on. */
export class RequestContext implements RequestWitness {
  #store: AsyncLocalStorage<Exchange> | undefined;
  #redact: Settings['redact'] = [];
  #readHeaders: readonly string[] = READ_HEADERS;
  #on = false;
  #starts = 0;
  readonly #open = new Set<Exchange>();
  readonly #byAsyncId = new Map<number, Exchange>();
  readonly #catchUp: CatchUp;
  readonly #blocking: Blocking;
  readonly #answers: AnswerChanges;
  readonly #counts = new RequestCounts();
  readonly #http2 = new Http2Requests((stream, headers) => this.#streamed(stream, headers));
  readonly #frameworks = new FrameworkRoutes((peer, find) => this.findRoute(peer, find));

  constructor({ catchUp, blocking, answers }: Followers) {
    this.#catchUp = catchUp;
    this.#blocking = blocking;
    this.#answers = answers;
  }

  configure(settings: Settings): void {
    const { context, redact, queueHeader } = settings;
    this.#redact = redact;
    this.#readHeaders = [...READ_HEADERS, queueHeader];
    if (context === 'off') {
      this.stop();
      return;
    }
    this.#answers.configure(settings);
    // AsyncContextFrame, which makes AsyncLocalStorage cheap, came with Node 24.
    const follow = context === 'on' || Number.parseInt(process.versions.node, 10) >= 24;
    if (!follow) this.#dropStore();
    else this.#store ??= new AsyncLocalStorage();
    if (this.#on) return;
    this.#on = true;
    subscribe(START, this.#started);
    subscribe(FINISH, this.#finished);
    this.#http2.start();
    this.#frameworks.start();
  }

  stop(): void {
    this.#dropStore();
    if (!this.#on) return;
    this.#on = false;
    unsubscribe(START, this.#started);
    unsubscribe(FINISH, this.#finished);
    this.#http2.stop();
    this.#frameworks.stop();
    this.#open.clear();
    this.#byAsyncId.clear();
  }

  #dropStore(): void {
    this.#store?.disable();
    this.#store = undefined;
  }

  /** A beat was made. */
  turned(): void {
    this.#blocking.turned();
  }

  captured(moment: Moment): ReturnType<RequestWitness['captured']> {
    if (this.#on) this.#blocking.seen({ ...moment, exchange: this.#current() });
    return this.now();
  }

  /** Whose request runs at this moment, which says nothing about blocking. */
  now(): ReturnType<RequestWitness['captured']> {
    if (!this.#on) return { request: null, requestSinceMs: 0, inFlight: null };
    const exchange = this.#current();
    const inFlight = this.#inFlight(exchange);
    if (exchange === null) return { request: null, requestSinceMs: 0, inFlight };
    const request = this.#infoOf(exchange);
    return { request, requestSinceMs: exchange.startedAtMs, inFlight };
  }

  /** Has the route template of a request asked for where its framework keeps it. */
  findRoute(peer: object, find: () => unknown): void {
    const exchange = exchangeOf(peerOf(peer));
    if (exchange !== undefined) exchange.findRoute ??= find;
  }

  /** How many requests were answered so far, as far as that is known without a sweep. */
  get answered(): number {
    return this.#counts.total;
  }

  /** How many requests were answered so far, by method and route; null while requests are not followed. */
  counts(): CountedRequests[] | null {
    if (!this.#on) return null;
    this.#sweep();
    return this.#counts.all();
  }

  /** The same span may be another request's by the time that the request ends. */
  #infoOf(exchange: Exchange): RequestInfo {
    const span = routeOfSpan();
    if (span !== null) exchange.findRoute ??= () => span;
    return exchange.info(this.#redact);
  }

  #current(): Exchange | null {
    const found = this.#store === undefined ? this.#inThisCallback() : this.#store.getStore();
    return found ?? null;
  }

  /** Those that wait for their answers; the one that runs counts, also when it is answered already. */
  #inFlight(running: Exchange | null): number {
    let open = running === null || running.isOpen ? 0 : 1;
    let seen = 0;
    for (const exchange of this.#open) {
      if (++seen > COUNT_AT_MOST) break;
      if (exchange.isOpen) open++;
    }
    return open;
  }

  /**
   * Without AsyncLocalStorage: the request whose handler runs now, or which started the callback
   * that runs now (a nextTick or timer). Node keeps both ids at no cost. All requests of a connection
   * have the id of its parser; what they start has ids that grow.
   */
  #inThisCallback(): Exchange | null {
    const id = executionAsyncId();
    const running = this.#byAsyncId.get(id);
    if (running !== undefined) return running;
    let exchange = this.#byAsyncId.get(triggerAsyncId()) ?? null;
    while (exchange !== null && exchange.sinceId > id) exchange = exchange.previous;
    return exchange;
  }

  readonly #started = swallowErrors((message: unknown) => {
    const { request, response, socket } = message as Message & { readonly request: Routed };
    const exchange = this.#begin(request, response, socket);
    this.#answers.ofResponse(response, exchange);
  });

  #streamed(stream: ServerStream, headers: Readonly<Record<string, unknown>>): void {
    const rawHeaders = this.#readHeaders.flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [name, value] : [];
    });
    const [method, url] = [headers[':method'], headers[':path']].map((value) => {
      return typeof value === 'string' ? value : undefined;
    });
    // A tunnel is no request that waits for its answer.
    if (method === 'CONNECT') return;
    const exchange = this.#begin({ method, url, rawHeaders }, stream, null);
    // gRPC clients read nothing of it, and know no status 503.
    if (String(headers['content-type']).startsWith('application/grpc')) return;
    this.#answers.ofStream(stream, exchange);
  }

  #begin(request: Routed, peer: Peer, connection: object | null): Exchange {
    if (this.#starts === 0) this.#frameworks.patchKoa();
    const asyncId = executionAsyncId();
    const tracked = this.#store === undefined && asyncId !== 0;
    const exchange = new Exchange(request, peer, asyncId, tracked ? newAsyncId() : 0);
    this.#open.add(exchange);
    if (this.#store !== undefined) this.#store.enterWith(exchange);
    else if (tracked) this.#remember(exchange);
    this.#catchUp.started(connection);
    this.#starts++;
    if (this.#starts % SWEEP_EVERY === 0) this.#sweep();
    return exchange;
  }

  #remember(exchange: Exchange): void {
    const { asyncId } = exchange;
    const before = this.#byAsyncId.get(asyncId) ?? null;
    if (before !== null) {
      exchange.previous = before;
      before.previous = null;
      this.#byAsyncId.delete(asyncId);
    }
    this.#byAsyncId.set(asyncId, exchange);
    if (this.#byAsyncId.size <= MOST_CONNECTIONS) return;
    for (const [oldest, { isOpen }] of this.#byAsyncId) {
      if (isOpen) continue;
      this.#byAsyncId.delete(oldest);
      break;
    }
  }

  readonly #finished = swallowErrors((message: unknown) => {
    const { response, socket } = message as Message;
    const exchange = exchangeOf(response);
    this.#catchUp.answered(socket);
    if (exchange !== undefined) this.#forget(exchange, true);
  });

  #forget(exchange: Exchange, answered: boolean): void {
    this.#open.delete(exchange);
    exchange.close();
    if (answered) this.#counts.add(exchange.method, exchange.route);
  }

  #sweep(): void {
    for (const exchange of this.#open) {
      if (!exchange.isOpen) this.#forget(exchange, isAnsweredStream(exchange));
    }
  }
}

/** Ids are given out in order. */
function newAsyncId(): number {
  return new AsyncResource('LOOPWATCH', { requireManualDestroy: true }).asyncId();
}

/** HTTP/2 has no channel for the end of an answer in every release. */
function isAnsweredStream({ peer }: Exchange): boolean {
  return peer !== null && 'respond' in peer && peer.writableEnded;
}
