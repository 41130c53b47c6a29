/** What the watched thread does, as the kernel sees it: `/proc/self/task/TID/stat` (Linux). */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { nowMs } from '../../../shared/clock.js';
import { codeOf } from '../../../shared/errors.js';
import type { BlockRecord } from '../../../shared/record/record.js';

/** USER_HZ, the unit in which /proc counts CPU time, is 100 on every Linux that Node runs on. */
export const TICK_MS = 10;

/** What the kernel said at one moment. */
export interface ThreadReading {
  readonly atMs: number;
  readonly runnable: boolean;
  readonly userMs: number;
  readonly systemMs: number;
}

/** What was seen of a thread for some time. */
export interface ThreadWitness {
  /** The time between the first and the last reading, in ms. */
  readonly observedMs: number;
  /** CPU time the thread used between them, in ms. */
  readonly cpuMs: number;
  /** The readings at which it was runnable, and all readings. */
  readonly runnable: number;
  readonly readings: number;
}

/**
 * Reads the text of a stat file.
 *
 * The second field is the thread's name in parentheses and may itself hold spaces and parentheses,
 * so that fields are counted from the last one (proc(5)).
 */
export function parseStat(text: string): Omit<ThreadReading, 'atMs'> | null {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const user = Number(fields[11]);
  const system = Number(fields[12]);
  if (!state || !Number.isFinite(user) || !Number.isFinite(system)) return null;
  return { runnable: state === 'R', userMs: user * TICK_MS, systemMs: system * TICK_MS };
}

/** How often a thread has given up a CPU, by itself or not (`status` in proc(5)). */
export function parseSwitches(text: string): number | null {
  const counts = [...text.matchAll(/^(?:non)?voluntary_ctxt_switches:\s+(\d+)/gm)];
  return counts.length === 0 ? null : counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Opens the stat file once and reads it again and again; without /proc every reading is null. */
export class ThreadState {
  #descriptor: number | undefined;
  #gone = false;
  readonly #buffer = Buffer.alloc(1024);
  readonly #taskId: number | null;

  /** @param taskId null where there is no /proc */
  constructor(taskId: number | null) {
    this.#taskId = taskId;
    if (taskId === null) return;
    try {
      this.#descriptor = openSync(`/proc/self/task/${taskId}/stat`, 'r');
    } catch {
      // A container without /proc, or the permission model: causes are then less certain.
    }
  }

  /** Whether the thread was there and is no more. */
  get gone(): boolean {
    return this.#gone;
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  /**
   * How often it has given up a CPU so far: a thread that sleeps on has not run since when that is
   * what it was. Null where the system does not say.
   */
  switches(): number | null {
    if (this.#taskId === null) return null;
    try {
      return parseSwitches(readFileSync(`/proc/self/task/${this.#taskId}/status`, 'latin1'));
    } catch (error) {
      this.#gone ||= codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH';
      return null;
    }
  }

  read(): ThreadReading | null {
    if (this.#descriptor === undefined) return null;
    try {
      const bytes = readSync(this.#descriptor, this.#buffer, 0, this.#buffer.length, 0);
      const stat = parseStat(this.#buffer.toString('latin1', 0, bytes));
      return stat === null ? null : { atMs: nowMs(), ...stat };
    } catch (error) {
      this.#gone = codeOf(error) === 'ESRCH';
      this.close();
      return null;
    }
  }
}

/**
 * Whether a thread was asleep at most readings; null without any. A block of 60 ms has one or two of them,
 * and they may have met one of its short waits (for V8's own threads, say): not when it used a
 * CPU for most of the time all the same.
 */
export function hasMostlySlept(thread: ThreadWitness | null): boolean | null {
  if (thread === null || thread.readings === 0) return null;
  const worked = (thread.cpuMs - TICK_MS) * 2 >= thread.observedMs;
  return thread.runnable * 2 < thread.readings && !worked;
}

/** The readings of one block. */
export class ThreadReadings {
  #first: ThreadReading | undefined;
  #last: ThreadReading | undefined;
  #runnable = 0;
  #count = 0;

  add(reading: ThreadReading | null): void {
    if (reading === null) return;
    this.end(reading);
    this.#count++;
    if (reading.runnable) this.#runnable++;
  }

  /** A reading of a thread that may have ended what it did: it counts CPU time, but says nothing of a sleep. */
  end(reading: ThreadReading | null): void {
    if (reading === null) return;
    this.#first ??= reading;
    this.#last = reading;
  }

  witness(): ThreadWitness | null {
    if (this.#first === undefined || this.#last === undefined) return null;
    const { userMs, systemMs } = this.#used();
    return {
      observedMs: this.#last.atMs - this.#first.atMs,
      cpuMs: userMs + systemMs,
      runnable: this.#runnable,
      readings: this.#count,
    };
  }

  /** CPU time from the first reading to the last, and what the thread mostly did between them. */
  cpu(): BlockRecord['cpu'] {
    if (this.#count === 0) return null;
    return {
      ...this.#used(),
      state: hasMostlySlept(this.witness()) === true ? 'sleeping' : 'running',
    };
  }

  #used(): { userMs: number; systemMs: number } {
    return {
      userMs: (this.#last?.userMs ?? 0) - (this.#first?.userMs ?? 0),
      systemMs: (this.#last?.systemMs ?? 0) - (this.#first?.systemMs ?? 0),
    };
  }
}
