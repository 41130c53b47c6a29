/** Time in which the program has asked not to be watched: `pause(fn)`. */
import { nowMs } from '../../shared/clock.js';
import { Clock, type Memory } from '../../shared/memory/memory.js';
import { onSettled } from '../host/settled.js';

/** Counts the pauses under way; the clock runs while there is one. */
export class Pauses {
  readonly #clocks: Float64Array;
  #depth = 0;

  constructor({ clocks }: Memory) {
    this.#clocks = clocks;
  }

  /** Runs a function in a pause that lasts until it returns, or until its promise settles. */
  run<T>(fn: () => T): T {
    if (this.#depth++ === 0) this.#clocks[Clock.pausedSinceMs] = nowMs();
    return onSettled(fn, () => {
      if (--this.#depth > 0) return;
      const sinceMs = this.#clocks[Clock.pausedSinceMs] as number;
      this.#clocks[Clock.pausedSinceMs] = 0;
      this.#clocks[Clock.pausedMs] = (this.#clocks[Clock.pausedMs] as number) + nowMs() - sinceMs;
    });
  }
}
