/** A DevTools-protocol client, as far as the tests need one, on a port of Node's inspector. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { until } from './until.js';

/** An event of the protocol. */
export interface DevToolsEvent {
  readonly method: string;
  // The protocol's own shapes, of which each test knows those that it asks for.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly params: any;
}

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** A client that is attached. */
export class DevTools {
  /** Every event that came, in order. */
  readonly events: DevToolsEvent[] = [];
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #next = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#take(JSON.parse(data.toString())));
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the inspector has gone'));
    });
  }

  /** Attaches to `ws://127.0.0.1:PORT/ID`. */
  static async attach(url: string): Promise<DevTools> {
    // Node 20 has no WebSocket of its own.
    const socket = new WebSocket(url);
    await once(socket, 'open');
    return new DevTools(socket);
  }

  #take(message: Reply | DevToolsEvent): void {
    if ('method' in message) {
      this.events.push(message);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.error !== undefined) waiting?.reject(new Error(message.error.message));
    else waiting?.resolve(message.result as never);
  }

  /** Calls a method; resolves with its result, rejects with its error. */
  // biome-ignore lint/suspicious/noExplicitAny: the protocol's own shapes, as above
  send<T = any>(method: string, params: object = {}): Promise<T> {
    const id = ++this.#lastId;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
  }

  /** The next event of that name after the one that was waited for last. */
  async event(method: string): Promise<DevToolsEvent> {
    const index = await until(
      method,
      () => {
        const found = this.events.findIndex((one, at) => at >= this.#next && one.method === method);
        return found >= 0 && found + 1;
      },
      { seen: () => this.events.slice(this.#next).map((one) => one.method) },
    );
    this.#next = index;
    return this.events[index - 1] as DevToolsEvent;
  }

  /** Detaches, whatever state the program is in. */
  async close(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }
}

/** Attaches, pauses the program in its next statement for `ms`, lets it go on, and detaches. */
export async function pauseFor(url: string, ms: number): Promise<void> {
  const devTools = await DevTools.attach(url);
  await devTools.send('Debugger.enable');
  await devTools.send('Debugger.pause');
  await devTools.event('Debugger.paused');
  await sleep(ms);
  await devTools.send('Debugger.resume');
  await devTools.send('Debugger.disable');
  await devTools.close();
}
