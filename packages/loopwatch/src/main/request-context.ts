/** Whose request is running, and how many are in flight: through Node's diagnostics channels. */
import { AsyncLocalStorage, executionAsyncId, triggerAsyncId } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import { nowMs, wallTime } from '../shared/clock.js';
import type { Settings } from '../shared/option-schema.js';
import type { RequestInfo } from '../shared/record.js';
import type { RequestWitness } from './snapshot.js';

/** What is read of a request; `originalUrl`, `baseUrl` and `route` are Express's. */
interface Routed {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly originalUrl?: unknown;
  readonly baseUrl?: unknown;
  readonly route?: { readonly path?: unknown };
}

interface Started {
  /**
   * The request itself while it is open, then only what is read of it: whatever was created during
   * the request (a pooled connection, say) keeps this object for as long as it lives.
   */
  request: Routed;
  response: ServerResponse | null;
  readonly startedAtMs: number;
  readonly asyncId: number;
}

const START = 'http.server.request.start';
const FINISH = 'http.server.response.finish';

/**
 * Aborted requests never reach FINISH and are swept out, once every so many starts: a listener on
 * each response would be seen by the program.
 */
const SWEEP_EVERY = 256;

/** Counting the open requests is done on top of a blocked stack, so it has an end. */
const COUNT_AT_MOST = 10_000;

function isOpen({ response }: Started): boolean {
  if (response === null || response.writableEnded || response.destroyed) return false;
  return response.socket?.destroyed !== true;
}

/** The path of a request target, without its query, with what the user redacts replaced. */
export function pathOf(target: string, redact: Settings['redact']): string {
  let path = target.split(/[?#]/, 1)[0] as string;
  for (const pattern of redact) path = path.replaceAll(globalOf(pattern), '[redacted]');
  return path;
}

function globalOf(pattern: string | RegExp): string | RegExp {
  if (typeof pattern === 'string' || pattern.global) return pattern;
  return new RegExp(pattern.source, `${pattern.flags}g`);
}

function routeOf({ route, baseUrl }: Routed): string | null {
  if (typeof route?.path !== 'string') return null;
  return (typeof baseUrl === 'string' ? baseUrl : '') + route.path;
}

/** Follows requests while it is on. */
export class RequestContext implements RequestWitness {
  #store: AsyncLocalStorage<Started> | undefined;
  #redact: Settings['redact'] = [];
  #on = false;
  #starts = 0;
  readonly #open = new Set<Started>();
  readonly #byAsyncId = new Map<number, Started>();

  configure({ context, redact }: Settings): void {
    this.#redact = redact;
    if (context === 'off') {
      this.stop();
      return;
    }
    // AsyncContextFrame, which makes AsyncLocalStorage cheap, came with Node 24.
    const follow = context === 'on' || Number.parseInt(process.versions.node, 10) >= 24;
    if (!follow) this.#dropStore();
    else this.#store ??= new AsyncLocalStorage();
    if (this.#on) return;
    this.#on = true;
    subscribe(START, this.#started);
    subscribe(FINISH, this.#finished);
  }

  stop(): void {
    this.#dropStore();
    if (!this.#on) return;
    this.#on = false;
    unsubscribe(START, this.#started);
    unsubscribe(FINISH, this.#finished);
    this.#open.clear();
    this.#byAsyncId.clear();
  }

  #dropStore(): void {
    this.#store?.disable();
    this.#store = undefined;
  }

  current(): RequestInfo | null {
    if (!this.#on) return null;
    const started = this.#store === undefined ? this.#inThisCallback() : this.#store.getStore();
    if (started === undefined) return null;
    const { request, startedAtMs } = started;
    const target = typeof request.originalUrl === 'string' ? request.originalUrl : request.url;
    return {
      id: null,
      method: request.method ?? null,
      route: routeOf(request),
      path: target === undefined ? null : pathOf(target, this.#redact),
      startedAt: wallTime(startedAtMs),
    };
  }

  inFlight(): number | null {
    if (!this.#on) return null;
    let open = 0;
    let seen = 0;
    for (const started of this.#open) {
      if (++seen > COUNT_AT_MOST) break;
      if (isOpen(started)) open++;
    }
    return open;
  }

  /**
   * Without AsyncLocalStorage: the request whose handler runs now, or which started the callback
   * that runs now (a nextTick or timer). Node keeps both ids at no cost.
   */
  #inThisCallback(): Started | undefined {
    return this.#byAsyncId.get(executionAsyncId()) ?? this.#byAsyncId.get(triggerAsyncId());
  }

  readonly #started = (message: unknown): void => {
    const { request, response } = message as { request: Routed; response: ServerResponse };
    const asyncId = executionAsyncId();
    const started: Started = { request, response, startedAtMs: nowMs(), asyncId };
    this.#open.add(started);
    if (this.#store !== undefined) this.#store.enterWith(started);
    else if (asyncId !== 0) this.#byAsyncId.set(asyncId, started);
    byResponse.set(response, started);
    this.#starts++;
    if (this.#starts % SWEEP_EVERY === 0) this.#sweep();
  };

  readonly #finished = (message: unknown): void => {
    const started = byResponse.get((message as { response: ServerResponse }).response);
    if (started !== undefined) this.#forget(started);
  };

  #forget(started: Started): void {
    this.#open.delete(started);
    const { method, url, originalUrl, baseUrl, route } = started.request;
    started.request = { method, url, originalUrl, baseUrl, route: { path: route?.path } };
    started.response = null;
    if (this.#byAsyncId.get(started.asyncId) === started) this.#byAsyncId.delete(started.asyncId);
  }

  #sweep(): void {
    for (const started of this.#open) {
      if (!isOpen(started)) this.#forget(started);
    }
  }
}

const byResponse = new WeakMap<ServerResponse, Started>();
