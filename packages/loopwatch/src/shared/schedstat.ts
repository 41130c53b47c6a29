/**
 * What the kernel's scheduler says of a thread: how long it ran, and how long it was ready to run and had
 * to wait for a CPU (`/proc/self/task/TID/schedstat`, Documentation/scheduler/sched-stats.rst).
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
