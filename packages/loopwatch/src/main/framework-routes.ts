/** Where frameworks keep the route template of a request, for those that do not put it on the request. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** Takes note of how to find the route of a request, by its response. */
type Link = (peer: object, find: () => unknown) => void;

const FASTIFY = 'fastify.initialization';

interface FastifyRequest {
  readonly routeOptions?: { readonly url?: unknown };
}

interface FastifyReply {
  readonly raw: object & { readonly stream?: object };
}

interface Fastify {
  addHook(
    name: 'onRequest',
    hook: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void,
  ): unknown;
}

/** Responses of HTTP/2's compatibility layer stand for their streams. */
export function peerOf(response: object & { readonly stream?: object }): object {
  return response.stream ?? response;
}

/** Hears of frameworks while it is on. */
export class FrameworkRoutes {
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  start(): void {
    subscribe(FASTIFY, this.#fastify);
  }

  stop(): void {
    unsubscribe(FASTIFY, this.#fastify);
  }

  readonly #fastify = (message: unknown): void => {
    const { fastify } = message as { fastify: Fastify };
    fastify.addHook('onRequest', (request, reply, done) => {
      this.#link(peerOf(reply.raw), () => request.routeOptions?.url);
      done();
    });
  };
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
