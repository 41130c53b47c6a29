/**
 * The way to the stacks of worker threads: the inspector's NodeWorker domain, over a session to the
 * main thread that is open only while there is something to ask.
 */
import type { Session } from 'node:inspector';
import { nowMs } from '../../../shared/clock.js';
import type { Connections } from './connections.js';
import { evaluation } from './evaluation.js';

/**
 * How long an open session waits for an answer, in ms. A worker in a native call answers when that
 * returns, whether the session is still there or not.
 */
const LONGEST_MS = 250;

/** What a worker is asked. */
export interface Question {
  /** Called when it can be sent. */
  readonly prepare: () => void;
  readonly isAnswered: () => boolean;
  /** Called when the main thread has passed it on, with the time. */
  readonly passedOn: (atMs: number) => void;
  /** Called when it could not be sent; `gone`: because there is no such thread any more. */
  readonly lost: (gone: boolean) => void;
}

interface Attached {
  readonly sessionId: string;
  readonly workerInfo: { readonly title: string };
}

/** Node calls its targets `[worker 3] name`. */
const TITLE = /^\[worker (\d+)\] ?(.*)$/s;

/** Asks worker threads, all that wait for an answer over one session. */
export class WorkerSessions {
  readonly #connections: Connections;
  readonly #named: (threadId: number, name: string) => void;
  readonly #questions = new Map<number, Question>();
  readonly #attached = new Map<number, string>();
  #session: Session | undefined;
  #openedMs = 0;

  /** @param named told the name that a worker was given, when that is found out */
  constructor(connections: Connections, named: (threadId: number, name: string) => void) {
    this.#connections = connections;
    this.#named = named;
  }

  /**
   * Asks one thread.
   *
   * @returns false when the process is exiting
   */
  ask(threadId: number, question: Question): boolean {
    this.#questions.set(threadId, question);
    if (this.#session === undefined && !this.#open()) return false;
    this.#send(threadId);
    return true;
  }

  /** Closes the session when it has served. To be called at each tick. */
  tend(): void {
    if (this.#session === undefined) return;
    for (const [threadId, { isAnswered }] of this.#questions) {
      if (isAnswered()) this.#questions.delete(threadId);
    }
    const over = nowMs() - this.#openedMs > LONGEST_MS;
    if (this.#questions.size === 0 || over || this.#connections.exiting) this.close();
  }

  close(): void {
    const session = this.#session;
    this.#session = undefined;
    this.#lose(false);
    this.#questions.clear();
    this.#attached.clear();
    if (session !== undefined) this.#connections.close(session);
  }

  /** Gives up the questions of threads that are not attached. */
  #lose(gone: boolean): void {
    for (const [threadId, { lost }] of this.#questions) {
      if (this.#attached.has(threadId)) continue;
      this.#questions.delete(threadId);
      lost(gone);
    }
  }

  #open(): boolean {
    const session = this.#connections.open();
    if (session === null) {
      this.#lose(false);
      return false;
    }
    this.#session = session;
    this.#openedMs = nowMs();
    session.on('NodeWorker.attachedToWorker', ({ params }) => {
      if (this.#session === session) this.#attach(params as Attached);
    });
    // Its reply comes when every thread that there is has been attached.
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, () => {
      if (this.#session === session) this.#lose(true);
    });
    return true;
  }

  #attach({ sessionId, workerInfo }: Attached): void {
    const [, id, name] = TITLE.exec(workerInfo.title) ?? [];
    if (id === undefined) return;
    this.#attached.set(Number(id), sessionId);
    // Node's own name for those that were given none.
    if (name && name !== 'WorkerThread') this.#named(Number(id), name);
    this.#send(Number(id));
  }

  /** Sends a thread its question, once it is both asked and attached. */
  #send(threadId: number): void {
    const sessionId = this.#attached.get(threadId);
    const question = this.#questions.get(threadId);
    if (sessionId === undefined || question === undefined) return;
    question.prepare();
    const params = evaluation();
    const message = JSON.stringify({ id: threadId, method: 'Runtime.evaluate', params });
    this.#session?.post('NodeWorker.sendMessageToWorker', { sessionId, message }, () => {
      question.passedOn(nowMs());
    });
  }
}
