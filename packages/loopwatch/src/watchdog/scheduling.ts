/**
 * What the kernel's scheduler says of a turn: how long its thread ran, and how long it was ready to run
 * and had to wait for a CPU (`/proc/self/task/TID/schedstat`, Documentation/scheduler/sched-stats.rst).
 */
import { closeSync, openSync, readSync } from 'node:fs';

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

  constructor(thread: Pick<Schedstat, 'read'>, watchdog: Pick<Schedstat, 'read'>) {
    this.#read = () => {
      const [ofThread, own] = [thread.read(), watchdog.read()];
      return ofThread === null || own === null ? null : { thread: ofThread, watchdog: own };
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

  /** Of the turn that is under way, or that the beats of this tick have ended. */
  current(): Scheduling | null {
    const [before, after, now] = [this.#before, this.#after, this.#now];
    if (before === null || after === null || now === null) return null;
    return {
      ranMs: Math.max(0, now.thread.ranMs - after.thread.ranMs - TICK_MS),
      waitedMs: now.thread.waitedMs - before.thread.waitedMs,
      watchdogWaitedMs: now.watchdog.waitedMs - before.watchdog.waitedMs,
    };
  }
}
