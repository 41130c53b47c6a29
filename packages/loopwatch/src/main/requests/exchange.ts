/** One request under way and its response, as far as loopwatch may know them. */
import { nowMs, wallTime } from '../../shared/clock.js';
import type { Settings } from '../../shared/options/option-schema.js';
import type { RawFrame } from '../../shared/record/frames.js';
import type { RequestInfo } from '../../shared/record/record.js';
import type { Answer } from './answer.js';

/** What is read of a request; `originalUrl`, `baseUrl` and `route` are Express's. */
export interface Routed {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Names and values by turns, as they came. Node makes an object of them only when it is asked to. */
  readonly rawHeaders: readonly string[];
  readonly originalUrl?: unknown;
  readonly baseUrl?: unknown;
  readonly route?: { readonly path?: unknown } | undefined;
}

/** What answers it: a response of HTTP/1, or a stream of HTTP/2. */
export interface Peer {
  readonly writableEnded: boolean;
  readonly destroyed: boolean;
  readonly socket?: { readonly destroyed?: boolean } | null;
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

/** An id that can be logged, and sent back, as it is. */
const SANE_ID = /^[\w.:+/=@-]{1,128}$/;

/** Tells the ids of one process from those of another; they need not be hard to guess. */
const PREFIX = Math.floor(Math.random() * 0x1_0000_0000_0000)
  .toString(16)
  .padStart(12, '0');
let made = 0;

function newId(): string {
  made++;
  return `${PREFIX}${made.toString(16).padStart(8, '0')}`;
}

/** The first header of a name, which is given in lower case. */
export function headerOf({ rawHeaders }: Routed, name: string): string | undefined {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const found = rawHeaders[at] as string;
    if (found.length === name.length && found.toLowerCase() === name) return rawHeaders[at + 1];
  }
  return undefined;
}

function givenId(request: Routed): string | null {
  const given = headerOf(request, 'x-request-id');
  return given !== undefined && SANE_ID.test(given) ? given : null;
}

function textOr(value: unknown, fallback: string | null): string | null {
  return typeof value === 'string' && value !== '' ? value : fallback;
}

/** A constructor that makes nothing: a class derived from it gives its private fields to what exists. */
const Existing = class {
  constructor(existing: object) {
    // biome-ignore lint/correctness/noConstructorReturn: it is what this is for
    return existing;
  }
};

/**
 * Where a response, or stream, has its exchange: in a private field, which the program can't see. A
 * WeakMap costs every request some time of the garbage collector.
 */
class Followed extends Existing {
  #exchange: Exchange;

  constructor(peer: object, exchange: Exchange) {
    super(peer);
    this.#exchange = exchange;
  }

  static of(peer: object): Exchange | undefined {
    return #exchange in peer ? peer.#exchange : undefined;
  }

  static follow(peer: object, exchange: Exchange): void {
    if (#exchange in peer) peer.#exchange = exchange;
    else new Followed(peer, exchange);
  }
}

/** The exchange that a response, or stream, belongs to. */
export function exchangeOf(peer: object): Exchange | undefined {
  return Followed.of(peer);
}

const NO_HEADERS: readonly string[] = [];

/** A request from its start until nothing can be asked about it any more. */
export class Exchange {
  /**
   * The request itself while it is open, then only what is read of it: whatever was created during
   * the request (a pooled connection, say) keeps this object for as long as it lives.
   */
  request: Routed;
  peer: Peer | null;
  readonly startedAtMs = nowMs();
  /** The async id of what called the handler. */
  readonly asyncId: number;
  /** An async id from when the request began: later ones are of what began later. */
  readonly sinceId: number;
  /** The request before it on the same connection. */
  previous: Exchange | null = null;
  /** Confirmed blocks that this request made, and what they took, in ms. */
  blocks = 0;
  blockedMs = 0;
  /** The stack that was last seen in a block of it, without a function that only began. */
  frames: readonly RawFrame[] = [];
  /** Whether that was after a call that could not be interrupted. */
  isLate = false;
  /** How its answer is to be changed; null when it is not. */
  answer: Answer | null = null;
  /** Asks the framework for the route template, as often as it is wanted. */
  findRoute: (() => unknown) | null = null;
  #id: string | null = null;

  constructor(request: Routed, peer: Peer, asyncId: number, sinceId: number) {
    this.request = request;
    this.peer = peer;
    this.asyncId = asyncId;
    this.sinceId = sinceId;
    Followed.follow(peer, this);
  }

  /** What the client calls it, or a new one. */
  get id(): string {
    this.#id ??= givenId(this.request) ?? newId();
    return this.#id;
  }

  get isOpen(): boolean {
    const { peer } = this;
    if (peer === null || peer.writableEnded || peer.destroyed) return false;
    return peer.socket?.destroyed !== true;
  }

  get method(): string | null {
    return this.request.method ?? null;
  }

  /** The template that the framework matched; null before it has, or where it is none. */
  get route(): string | null {
    const { route, baseUrl } = this.request;
    if (typeof route?.path === 'string') return (textOr(baseUrl, '') as string) + route.path;
    try {
      return textOr(this.findRoute?.(), null);
    } catch {
      // A framework whose innards are not those that we know.
      return null;
    }
  }

  path(redact: Settings['redact']): string | null {
    const target = textOr(this.request.originalUrl, this.request.url ?? null);
    return target === null ? null : pathOf(target, redact);
  }

  info(redact: Settings['redact']): RequestInfo {
    const { id, method, route, startedAtMs } = this;
    return { id, method, route, path: this.path(redact), startedAt: wallTime(startedAtMs) };
  }

  /** Lets go of the request and its response, which nobody is to be kept by. */
  close(): void {
    const { method, route } = this;
    const { originalUrl, url } = this.request;
    this.#id ??= givenId(this.request);
    this.request = {
      method: method ?? undefined,
      url: textOr(originalUrl, url ?? null) ?? undefined,
      rawHeaders: NO_HEADERS,
      route: route === null ? undefined : { path: route },
    };
    this.findRoute = null;
    this.peer = null;
    this.previous = null;
  }
}
