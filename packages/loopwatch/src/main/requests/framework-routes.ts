/** Where frameworks keep the route template of a request, for those that do not put it on the request. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { swallowErrors } from '../host/swallow-errors.js';

/** Takes note of how to find the route of a request, by its response. */
type Link = (peer: object, find: () => unknown) => void;

const FASTIFY = 'fastify.initialization';

interface FastifyRequest {
  readonly routeOptions?: { readonly url?: unknown };
}

interface FastifyReply {
  readonly raw: object;
}

/** An application of Fastify, as far as it is used. */
export interface Fastify {
  addHook(
    name: 'onRequest',
    hook: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void,
  ): unknown;
}

/** Responses of HTTP/2's compatibility layer stand for their streams. */
export function peerOf(response: object): object {
  return (response as { stream?: object }).stream ?? response;
}

/** Has an application tell where the routes of its requests are. */
export function followFastify(fastify: Fastify, link: Link): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    link(reply.raw, () => request.routeOptions?.url);
    done();
  });
}

/** What is used of a context of Koa; the routers set the rest. */
export interface KoaContext {
  readonly res: object;
  readonly _matchedRoute?: unknown;
  readonly routerPath?: unknown;
}

export function routeOfKoa({ _matchedRoute, routerPath }: KoaContext): unknown {
  return _matchedRoute ?? routerPath;
}

interface Koa {
  prototype: { createContext(request: object, response: object): KoaContext };
}

const KOA = /[\\/]koa[\\/]lib[\\/]application\.js$/;

/** The copies of Koa that the program has loaded. Koa is CommonJS, also for those who import it. */
function loadedKoas(): Koa[] {
  const { Module } = process.getBuiltinModule('node:module') as unknown as {
    Module?: { _cache?: Record<string, { exports?: unknown }> };
  };
  return Object.entries(Module?._cache ?? {}).flatMap(([file, loaded]) => {
    const koa = loaded?.exports as Koa | undefined;
    const isKoa = KOA.test(file) && typeof koa?.prototype?.createContext === 'function';
    return isKoa ? [koa as Koa] : [];
  });
}

/** Hears of frameworks while it is on. */
export class FrameworkRoutes {
  readonly #link: Link;
  #hasPatchedKoa = false;
  /** Gives the frameworks back what was changed in them. */
  #restore: (() => void)[] = [];

  constructor(link: Link) {
    this.#link = link;
  }

  start(): void {
    subscribe(FASTIFY, this.#fastify);
  }

  stop(): void {
    unsubscribe(FASTIFY, this.#fastify);
    for (const restore of this.#restore) restore();
    this.#restore = [];
    this.#hasPatchedKoa = false;
  }

  /**
   * Called with the first request: by then the program has loaded its frameworks. Koa tells nobody of
   * its contexts, so that the method which makes them has to.
   */
  patchKoa(): void {
    if (this.#hasPatchedKoa) return;
    this.#hasPatchedKoa = true;
    for (const { prototype } of loadedKoas()) {
      const { createContext } = prototype;
      const link: Link = (response, find) => this.#link(response, find);
      const linked: typeof createContext = function (this: unknown, request, response) {
        const context = createContext.call(this, request, response);
        link(response, () => routeOfKoa(context));
        return context;
      };
      prototype.createContext = linked;
      this.#restore.push(() => {
        // What others have put over it since stays, and passes through.
        if (prototype.createContext === linked) prototype.createContext = createContext;
      });
    }
  }

  readonly #fastify = swallowErrors((message: unknown) => {
    followFastify((message as { fastify: Fastify }).fastify, this.#link);
  });
}

/** The keys under which OpenTelemetry keeps the active span, and what instrumentation knows of a request. */
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN');
const RPC = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA');
const API = Symbol.for('opentelemetry.js.api.1');

interface OtelContext {
  getValue(key: symbol): unknown;
}

/** The route template that the program's OpenTelemetry knows for what runs now; null without one. */
export function routeOfSpan(): string | null {
  try {
    const api = (globalThis as { [API]?: { context?: { active(): OtelContext } } })[API];
    const active = api?.context?.active();
    if (active === undefined) return null;
    const rpc = active.getValue(RPC) as { route?: unknown } | undefined;
    const span = active.getValue(SPAN) as { attributes?: Record<string, unknown> } | undefined;
    const route = span?.attributes?.['http.route'] ?? rpc?.route;
    return typeof route === 'string' && route !== '' ? route : null;
  } catch {
    return null;
  }
}
