/**
 * How much time of clients may be counted: never that in which our own event loop did not turn,
 * since a server that does nothing can't blame its clients.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { threadId } from 'node:worker_threads';

/** What is read of loopwatch's reports, where loopwatch watches this process. */
interface Blocked {
  readonly durationMs: number;
  readonly thread: { readonly id: number };
}

const CHANNELS = ['loopwatch:block', 'loopwatch:hang'] as const;

/** Gives the time between two looks. */
export class LoopTime {
  readonly #now: () => number;
  #lastMs: number;
  #blockedMs = 0;
  readonly #onBlock = (message: unknown): void => {
    const { durationMs, thread } = message as Blocked;
    if (thread.id === threadId) this.#blockedMs += durationMs;
  };

  /** @param now monotonic, in ms */
  constructor(now: () => number) {
    this.#now = now;
    this.#lastMs = now();
    for (const name of CHANNELS) subscribe(name, this.#onBlock);
  }

  /**
   * The time since the last call that counts, in ms: what loopwatch says that the loop was blocked is
   * left out, and so is all by which the call is later than it may be.
   *
   * @param dueMs when it was due after the last one
   * @param lateMs how late it may be: a timer that is later than that was not served
   */
  take(dueMs: number, lateMs: number): number {
    const nowMs = this.#now();
    const passedMs = Math.min(nowMs - this.#lastMs, dueMs + lateMs);
    this.#lastMs = nowMs;
    const countedMs = Math.max(0, passedMs - this.#blockedMs);
    this.#blockedMs = 0;
    return countedMs;
  }

  stop(): void {
    for (const name of CHANNELS) unsubscribe(name, this.#onBlock);
  }
}
