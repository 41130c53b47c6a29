/** What the kernel's scheduler says of a turn, from readings before, within and after it. */
import { nowMs } from '../../../shared/clock.js';
import type { Schedstat, Totals } from '../../../shared/schedstat.js';

/**
 * By how much the time a thread has run may be out of date while it runs, in ms: the kernel counts it at
 * its own ticks, 100 to 1000 a second.
 */
const TICK_MS = 10;

/** What is known of a turn. Its thread's times are bounds: they are read between two beats, not at them. */
export interface Scheduling {
  /** How long it ran at least, in ms. */
  readonly ranMs: number;
  /** How long it waited for a CPU at most, in ms. */
  readonly waitedMs: number;
  /** How long the watchdog waited for one at most, in ms. */
  readonly watchdogWaitedMs: number;
}

interface Reading {
  readonly atMs: number;
  readonly thread: Totals;
  readonly watchdog: Totals;
}

/** Follows one thread, and the watchdog beside it, from tick to tick. */
export class SchedulingWitness {
  readonly #read: () => Reading | null;
  /** From before the latest beat, and from after it. */
  #before: Reading | null;
  #after: Reading | null;
  #previous: Reading | null = null;
  #now: Reading | null;

  /** @param clock ms of the shared clock */
  constructor(
    thread: Pick<Schedstat, 'read'>,
    watchdog: Pick<Schedstat, 'read'>,
    clock: () => number = nowMs,
  ) {
    this.#read = () => {
      const [ofThread, own, atMs] = [thread.read(), watchdog.read(), clock()];
      return ofThread === null || own === null ? null : { atMs, thread: ofThread, watchdog: own };
    };
    this.#now = this.#read();
    this.#before = this.#now;
    this.#after = this.#now;
  }

  /** A tick begins. */
  tick(): void {
    this.#previous = this.#now;
    this.#now = this.#read();
  }

  /** The tick has found beats, and what is said from now on is of the turn after them. */
  turned(): void {
    this.#before = this.#previous;
    this.#after = this.#now;
  }

  /** Whether the kernel says anything. */
  get isKnown(): boolean {
    return this.#before !== null && this.#after !== null && this.#now !== null;
  }

  /**
   * Of the turn that is under way, or of one that the beats of this tick have ended.
   *
   * @param startMs when it began, between the two readings around the beat before it
   * @param endMs when it ended, or until when it is judged
   */
  between(startMs: number, endMs: number): Scheduling | null {
    const [before, after, now] = [this.#before, this.#after, this.#now];
    if (before === null || after === null || now === null) return null;
    // What was read before the beat has waited no longer in the turn than the turn then lasted.
    const early = after.thread.waitedMs - before.thread.waitedMs;
    const waitedEarlyMs = Math.min(early, Math.max(0, after.atMs - startMs));
    const outsideMs = Math.max(0, now.atMs - endMs) + TICK_MS;
    const ranSince = ({ atMs, thread }: Reading) =>
      now.thread.ranMs - thread.ranMs - Math.max(0, startMs - atMs) - outsideMs;
    return {
      ranMs: Math.max(0, ranSince(before), ranSince(after)),
      waitedMs: now.thread.waitedMs - after.thread.waitedMs + waitedEarlyMs,
      watchdogWaitedMs: now.watchdog.waitedMs - before.watchdog.waitedMs,
    };
  }
}
