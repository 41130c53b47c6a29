/** The beat: one store into shared memory every beatMs while the event loop turns. */
import { performance } from 'node:perf_hooks';
import * as timers from 'node:timers';
import { nowMs } from '../../shared/clock.js';
import { writeBeat } from '../../shared/memory/beats.js';
import type { Memory } from '../../shared/memory/memory.js';
import { swallowErrors } from '../host/swallow-errors.js';

// Fake timers replace these, also the module's own exports; ours are taken before they can.
const { setInterval, clearInterval } = timers;
const utilization = performance.eventLoopUtilization.bind(performance);

/** Makes the first beat at once and then one every beatMs, without keeping the process alive. */
export class Beat {
  readonly #memory: Memory;
  readonly #made: () => void;
  #timer: NodeJS.Timeout | undefined;
  #lastMs = nowMs();

  /** @param made hears of each beat */
  constructor(memory: Memory, made: () => void) {
    this.#memory = memory;
    this.#made = made;
  }

  /** Starts, or changes the period. */
  start(beatMs: number): void {
    clearInterval(this.#timer);
    this.now();
    this.#timer = setInterval(
      swallowErrors(() => void this.now()),
      beatMs,
    ).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /**
   * One beat. The exit makes one out of turn, so that a block which ends in an exit has an end.
   *
   * @returns the time since the beat before, in ms
   */
  now(): number {
    const atMs = nowMs();
    const sinceMs = atMs - this.#lastMs;
    this.#lastMs = atMs;
    writeBeat(this.#memory, atMs, utilization().idle);
    this.#made();
    return sinceMs;
  }
}
