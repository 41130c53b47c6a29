/**
 * The adaptive threshold: a multiple of a percentile of the delays that the loop usually has, so that
 * a service which is always a little late is not reported for it.
 */

import { percentileOf } from '../../shared/metrics/percentile.js';
import type { AdaptiveSettings } from '../../shared/options/option-schema.js';

/** Where the threshold may lie, in ms. */
export interface Bounds {
  /** It never falls under the configured threshold. */
  readonly leastMs: number;
  /** A hang is a hang, whatever a loop is used to. */
  readonly mostMs: number;
}

/** Follows the delays of one loop. */
export class AdaptiveThreshold {
  #delays: number[] = [];
  #next = 0;
  #updatedMs = Number.NEGATIVE_INFINITY;
  #usualMs: number | null = null;

  /** Takes the delays of beats, oldest first, in ms. */
  add(delays: readonly number[], { windowSize }: AdaptiveSettings): void {
    for (const delay of delays) {
      if (this.#delays.length < windowSize) {
        this.#delays.push(delay);
        continue;
      }
      if (this.#next >= windowSize) this.#next = 0;
      this.#delays[this.#next++] = delay;
    }
  }

  /** The threshold in force, in ms; taken anew every updateMs. */
  at(nowMs: number, settings: AdaptiveSettings, { leastMs, mostMs }: Bounds): number {
    const { percentile, minSamples, multiplier, updateMs } = settings;
    if (nowMs - this.#updatedMs >= updateMs) {
      this.#updatedMs = nowMs;
      const enough = this.#delays.length >= minSamples;
      this.#usualMs = enough ? multiplier * percentileOf(this.#delays, percentile) : null;
    }
    return Math.min(Math.max(leastMs, this.#usualMs ?? 0), Math.max(leastMs, mostMs));
  }

  /** Forgets everything: what is true of one set of options need not be of another. */
  reset(): void {
    this.#delays = [];
    this.#next = 0;
    this.#updatedMs = Number.NEGATIVE_INFINITY;
    this.#usualMs = null;
  }
}
