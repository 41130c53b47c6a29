/**
 * Whether a debugger has paused the main thread: a human looks at it, and nothing blocks.
 *
 * Enabling the Debugger domain on a thread that is paused is answered by `Debugger.paused` at once.
 * That is all it is enabled for, only where an inspector is open at all, and only when the thread
 * sleeps: on one that runs it costs the program 20 to 190 ms. It is never resumed from here.
 */
import type { Session } from 'node:inspector';
import { nowMs } from '../../../shared/clock.js';
import type { Connections } from './connections.js';

/** How long an answer may take, in ms: a paused thread sends the list of its scripts first. */
const LONGEST_MS = 1000;

/** Asks, one question at a time. */
export class DebuggerQuestion {
  readonly #connections: Connections;
  #session: Session | undefined;
  #askedMs = 0;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  get waiting(): boolean {
    return this.#session !== undefined;
  }

  /** @param answer called once, in a later turn, unless the question is given up */
  ask(answer: (paused: boolean) => void): void {
    const session = this.#connections.open();
    if (session === null) return;
    this.#session = session;
    this.#askedMs = nowMs();
    let paused = false;
    session.on('Debugger.paused', () => {
      paused = true;
    });
    session.post('Debugger.enable', () => {
      if (this.#session !== session) return;
      this.giveUp();
      answer(paused);
    });
  }

  /** Gives up a question that takes too long. To be called at each tick. */
  tend(): void {
    if (this.#connections.exiting || nowMs() - this.#askedMs > LONGEST_MS) this.giveUp();
  }

  giveUp(): void {
    const session = this.#session;
    this.#session = undefined;
    if (session !== undefined) this.#connections.close(session);
  }
}
