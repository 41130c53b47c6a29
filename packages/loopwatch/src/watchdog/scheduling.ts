/**
 * What the kernel's scheduler says of a turn: how long its thread ran, and how long it was ready to run
 * and had to wait for a CPU (`/proc/self/task/TID/schedstat`, Documentation/scheduler/sched-stats.rst).
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { nowMs } from '../shared/clock.js';

/** Of one thread since it began, in ms. */
export interface Totals {
  readonly ranMs: number;
  readonly waitedMs: number;
}

/** Reads `NS-ON-A-CPU NS-WAITED-FOR-ONE TURNS`. */
export function parseSchedstat(text: string): Totals | null {
  const [, ran, waited] = /^(\d+) (\d+) \d+/.exec(text) ?? [];
  return waited === undefined ? null : { ranMs: Number(ran) / 1e6, waitedMs: Number(waited) / 1e6 };
}

/** Opens a schedstat file once and reads it again and again, at 2 microseconds each (measured). */
export class Schedstat {
  #descriptor: number | undefined;
  readonly #buffer = Buffer.alloc(128);

  /** @param path a kernel without scheduler statistics, or another system, has no such file */
  constructor(path: string) {
    try {
      this.#descriptor = openSync(path, 'r');
    } catch {
      // Causes are then less certain.
    }
  }

  read(): Totals | null {
    if (this.#descriptor === undefined) return null;
    try {
      const bytes = readSync(this.#descriptor, this.#buffer, 0, this.#buffer.length, 0);
      return parseSchedstat(this.#buffer.toString('latin1', 0, bytes));
    } catch {
      // The thread is gone.
      this.close();
      return null;
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

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
  look(): void {
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
   * @param endMs when it ended, or until when it is looked at
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
