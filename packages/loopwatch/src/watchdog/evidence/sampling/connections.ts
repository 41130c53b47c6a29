/**
 * Inspector sessions to the process's main thread, kept in step with its exit: one that is connected
 * when the process ends makes Node print "Waiting for the debugger to disconnect...".
 */
import { Session } from 'node:inspector';
import { type Memory, Word } from '../../../shared/memory/memory.js';

/** Opens and closes sessions, and publishes whether there is one. */
export class Connections {
  readonly #words: Int32Array;
  #open = 0;

  /** @param main the memory of the main thread */
  constructor({ words }: Memory) {
    this.#words = words;
  }

  get exiting(): boolean {
    return Atomics.load(this.#words, Word.exiting) === 1;
  }

  /** A connected session, or null when the process is exiting. */
  open(): Session | null {
    this.#open++;
    // See main/exit.ts for the other side of this handshake.
    Atomics.store(this.#words, Word.connected, 1);
    if (this.exiting) {
      this.#release();
      return null;
    }
    const session = new Session();
    try {
      session.connectToMainThread();
    } catch (error) {
      this.#release();
      throw error;
    }
    return session;
  }

  close(session: Session): void {
    session.disconnect();
    this.#release();
  }

  #release(): void {
    if (--this.#open > 0) return;
    Atomics.store(this.#words, Word.connected, 0);
    Atomics.notify(this.#words, Word.connected);
  }
}
