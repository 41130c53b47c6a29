/** Whether the program is alive and ready, by what its main thread and the watchdog say in memory. */

import { lastBeat } from '../../shared/memory/beats.js';
import { type Memory, Word } from '../../shared/memory/memory.js';
import { readingsOf } from '../../shared/memory/readings.js';
import { hasStarted } from '../../shared/memory/started.js';
import type { LoopState } from '../../shared/pictures/now.js';

export type Status = 'ok' | 'starting' | 'hung' | 'exiting';

export interface Health {
  readonly status: Status;
  /** Since the main thread's latest beat. */
  readonly beatAgeMs: number;
}

/** Looks at the main thread. */
export class HealthCheck {
  readonly #memory: Memory;
  /** A loop that was ready once has not to wait for events again. */
  #started = false;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** A hang makes a program not alive; nothing else does, since a restart would not help it. */
  live(): Health {
    return this.#health(this.#isSet(Word.hung) ? 'hung' : 'ok');
  }

  /** Also not while its main module loads, and when it is about to exit. */
  ready(): Health {
    this.#started ||= hasStarted(lastBeat(this.#memory));
    if (this.#isSet(Word.exiting)) return this.#health('exiting');
    if (this.#isSet(Word.hung)) return this.#health('hung');
    return this.#health(this.#started ? 'ok' : 'starting');
  }

  /** For people: also whether the loop is late, without being sure yet that it is blocked. */
  state(): LoopState {
    const { status } = this.ready();
    if (status !== 'ok') return status;
    const { beatAgeMs, thresholdMs } = readingsOf(this.#memory);
    return thresholdMs !== null && beatAgeMs > thresholdMs ? 'late' : 'beating';
  }

  #isSet(word: number): boolean {
    return Atomics.load(this.#memory.words, word) === 1;
  }

  #health(status: Status): Health {
    const { beatAgeMs } = readingsOf(this.#memory);
    return { status, beatAgeMs: Math.round(beatAgeMs * 10) / 10 };
  }
}
