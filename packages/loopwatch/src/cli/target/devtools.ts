/** A client of the DevTools protocol, over a WebSocket: Node 20 has none of its own. */
import { WebSocket } from 'ws';

/** The connection ended before the answer came. */
export class Disconnected extends Error {
  override readonly name = 'Disconnected';
}

/** The other side does not do what it was asked for. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

const OVER = 'the connection to the inspector ended';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** Something that takes protocol messages: the process's main thread, or a worker through it. */
export class Channel {
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<string, (params: never) => void>();
  readonly #write: (text: string) => void;
  #lastId = 0;
  #isOver = false;
  #settleEnded = () => {};
  /** Settles with {@link end}. */
  readonly ended = new Promise<void>((resolve) => {
    this.#settleEnded = resolve;
  });

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  on<T>(event: string, listener: (params: T) => void): void {
    this.#listeners.set(event, listener);
  }

  /** @throws Disconnected, Refused */
  send<T>(method: string, params: object = {}): Promise<T> {
    const id = ++this.#lastId;
    return new Promise<T>((resolve, reject) => {
      if (this.#isOver) {
        reject(new Disconnected(OVER));
        return;
      }
      this.#waiting.set(id, { resolve, reject });
      this.#write(JSON.stringify({ id, method, params }));
    });
  }

  take(text: string): void {
    const { id, method, params, result, error } = JSON.parse(text) as Message;
    if (method !== undefined) this.#listeners.get(method)?.(params as never);
    if (id === undefined) return;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result as never);
    else waiting?.reject(new Refused(error.message));
  }

  /** No answer will come any more. */
  end(): void {
    this.#isOver = true;
    this.#settleEnded();
    for (const { reject } of this.#waiting.values()) reject(new Disconnected(OVER));
    this.#waiting.clear();
  }
}

/** A channel with its connection. */
export interface Connection extends Channel {
  disconnect(): void;
}

class SocketChannel extends Channel implements Connection {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    super((text) => socket.send(text));
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.take(data.toString()));
    socket.on('close', () => this.end());
    // What follows is a close.
    socket.on('error', () => {});
  }

  disconnect(): void {
    this.#socket.terminate();
    this.end();
  }
}

/** Connects to `ws://HOST:PORT/ID`; rejects with the socket's error. */
export function connect(url: string, timeoutMs: number): Promise<Connection> {
  const socket = new WebSocket(url, { perMessageDeflate: false, handshakeTimeout: timeoutMs });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(new SocketChannel(socket)));
    socket.once('error', reject);
  });
}
