/** A process whose inspector we are connected to: its main thread, its workers, and its end. */
import { nowMs } from '../../shared/clock.js';
import { Channel, type Connection, connect } from './devtools.js';
import type { Facts } from './facts.js';
import type { Inspector } from './inspector.js';

/** An evaluation in the process threw. */
class Thrown extends Error {
  override readonly name = 'Thrown';
}

/** No answer in time: the thread is in a native call, which nothing can interrupt. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

interface Evaluated {
  readonly result: { readonly value?: unknown };
  readonly exceptionDetails?: {
    readonly text: string;
    readonly exception?: { readonly description?: string };
  };
}

interface Attached {
  readonly sessionId: string;
  readonly workerInfo: { readonly title: string };
}

/** One thread of the process that takes evaluations. */
export class Thread {
  /** As Node calls it: `[worker 3] name`; empty for the main thread. */
  readonly title: string;
  readonly #channel: Channel;

  constructor(title: string, channel: Channel) {
    this.title = title;
    this.#channel = channel;
  }

  /**
   * Runs an expression on top of whatever runs there; the Debugger domain stays off.
   *
   * @param awaits whether a promise is waited for, which takes a loop that turns
   * @throws Thrown, Unanswered, Disconnected
   */
  async evaluate<T>(expression: string, timeoutMs: number, awaits = false): Promise<T> {
    const params = { expression, silent: true, returnByValue: true, disableBreaks: true };
    const { result, exceptionDetails } = await this.request<Evaluated>(
      'Runtime.evaluate',
      { ...params, awaitPromise: awaits },
      timeoutMs,
    );
    if (exceptionDetails === undefined) return result.value as T;
    throw new Thrown(exceptionDetails.exception?.description ?? exceptionDetails.text);
  }

  /**
   * Sends a command of the inspector's protocol.
   *
   * @throws Unanswered, Disconnected, Refused
   */
  request<T>(method: string, params: object, timeoutMs: number): Promise<T> {
    return inTime(this.#channel.send<T>(method, params), timeoutMs);
  }

  /** Listens to an event of the protocol, as its only listener. */
  on<T>(event: string, listener: (params: T) => void): void {
    this.#channel.on(event, listener);
  }

  /** Settles when nothing more will come from the thread. */
  get ended(): Promise<void> {
    return this.#channel.ended;
  }
}

async function inTime<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Unanswered()), Math.max(1, timeoutMs));
  });
  // Whoever does not wait any more does not want to hear of its failure either.
  answer.catch(() => {});
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The connected process. */
export class Target {
  readonly facts: Facts;
  readonly main: Thread;
  readonly #connection: Connection;
  readonly #workers = new Map<string, { thread: Thread; channel: Channel }>();
  #attaching: Promise<unknown> | undefined;

  private constructor(facts: Facts, connection: Connection) {
    this.facts = facts;
    this.#connection = connection;
    this.main = new Thread('', connection);
    connection.on<Attached>('NodeWorker.attachedToWorker', (attached) => this.#attach(attached));
    connection.on<{ sessionId: string }>('NodeWorker.detachedFromWorker', ({ sessionId }) => {
      this.#workers.get(sessionId)?.channel.end();
      this.#workers.delete(sessionId);
    });
    connection.on<{ sessionId: string; message: string }>(
      'NodeWorker.receivedMessageFromWorker',
      ({ sessionId, message }) => this.#workers.get(sessionId)?.channel.take(message),
    );
    // A process that exits would wait for us to go.
    connection.on('NodeRuntime.waitingForDisconnect', () => connection.disconnect());
    connection
      .send('NodeRuntime.notifyWhenWaitingForDisconnect', { enabled: true })
      .catch(() => {});
  }

  static async connect(facts: Facts, { url }: Inspector, timeoutMs: number): Promise<Target> {
    return new Target(facts, await connect(url, timeoutMs));
  }

  /** The worker threads that there are, those that could be reached in time. */
  async workers(timeoutMs: number): Promise<Thread[]> {
    const startedMs = nowMs();
    this.#attaching ??= this.#connection.send('NodeWorker.enable', {
      waitForDebuggerOnStart: false,
    });
    // Its answer comes when every thread that there is has been attached.
    await inTime(this.#attaching, timeoutMs - (nowMs() - startedMs));
    return [...this.#workers.values()].map(({ thread }) => thread);
  }

  #attach({ sessionId, workerInfo }: Attached): void {
    const channel = new Channel((message) => {
      this.#connection
        .send('NodeWorker.sendMessageToWorker', { sessionId, message })
        // A worker that has ended meanwhile.
        .catch(() => channel.end());
    });
    this.#workers.set(sessionId, { thread: new Thread(workerInfo.title, channel), channel });
  }

  /** Lets go, so that the process is as if nobody had been there. */
  disconnect(): void {
    this.#connection.disconnect();
  }

  /** Detaches from the workers; does not wait for the answer of a thread that may be busy. */
  release(): void {
    if (this.#attaching === undefined) return;
    this.#connection.send('NodeWorker.disable').catch(() => {});
  }
}
