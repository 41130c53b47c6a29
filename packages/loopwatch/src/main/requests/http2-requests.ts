/**
 * The requests of node:http2. Node 24 publishes them. Before, a server's `emit` is where they pass
 * by, found with the server's first connection: loading node:http2 to look for it would cost every program.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { swallowErrors } from '../host/swallow-errors.js';

/** What is used of a stream; its other methods are those of any stream. */
export interface ServerStream {
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  readonly destroyed: boolean;
}

type Headers = Readonly<Record<string, unknown>>;
type Begin = (stream: ServerStream, headers: Headers) => void;

const STREAM = 'http2.server.stream.start';
const SOCKET = 'net.server.socket';

interface Server {
  emit(name: string, ...args: unknown[]): boolean;
  readonly updateSettings?: unknown;
}

const isPublished = Number.parseInt(process.versions.node, 10) >= 24;

/** Hears of requests while it is on. */
export class Http2Requests {
  readonly #begin: Begin;
  #on = false;
  #patched = new WeakSet<Server>();
  readonly #restore = new Set<() => void>();

  constructor(begin: Begin) {
    this.#begin = begin;
  }

  start(): void {
    this.#on = true;
    if (isPublished) subscribe(STREAM, this.#streamed);
    else subscribe(SOCKET, this.#connected);
  }

  stop(): void {
    this.#on = false;
    if (isPublished) unsubscribe(STREAM, this.#streamed);
    else unsubscribe(SOCKET, this.#connected);
    for (const restore of this.#restore) restore();
    this.#restore.clear();
    this.#patched = new WeakSet();
  }

  readonly #streamed = swallowErrors((message: unknown) => {
    const { stream, headers } = message as { stream: ServerStream; headers: Headers };
    this.#begin(stream, headers);
  });

  readonly #connected = swallowErrors((message: unknown) => {
    const { server } = (message as { socket: { server?: Server } }).socket;
    // Only servers of HTTP/2 have settings.
    if (server === undefined || typeof server.updateSettings !== 'function') return;
    if (this.#patched.has(server)) return;
    this.#patched.add(server);
    const original = Object.getOwnPropertyDescriptor(server, 'emit');
    const passOn = server.emit;
    const begin = swallowErrors(([stream, headers]: Parameters<Begin>) => {
      if (this.#on) this.#begin(stream, headers);
    });
    const emit = function (this: Server, name: string, ...args: unknown[]): boolean {
      if (name === 'stream') begin([args[0] as ServerStream, args[1] as Headers]);
      return passOn.call(this, name, ...args);
    };
    Object.defineProperty(server, 'emit', { value: emit, configurable: true, writable: true });
    const known = new WeakRef(server);
    const restore = () => {
      const kept = known.deref();
      // What others have put over it since stays, and passes through.
      if (kept === undefined || kept.emit !== emit) return;
      Reflect.deleteProperty(kept, 'emit');
      if (original !== undefined) Object.defineProperty(kept, 'emit', original);
    };
    this.#restore.add(restore);
  });
}
