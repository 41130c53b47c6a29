/** The loop's lag over the latest minute, from the beats that it made. */

import { type Beat, readBeats } from '../../shared/memory/beats.js';
import type { Memory } from '../../shared/memory/memory.js';
import { RING } from '../../shared/memory/memory.js';
import { type Family, gauge } from '../../shared/metrics/metric-families.js';
import { percentileOfSorted } from '../../shared/metrics/percentile.js';

const WINDOW_MS = 60_000;

/** Beats looked at: more than a minute has at the default 20 ms, and 50 KiB. */
const MOST_BEATS = 6000;

/** What is said of the lag, in seconds; all null before the first two beats. */
export interface LagStatistics {
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly stddev: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
}

const NOTHING: LagStatistics = {
  ...{ min: null, max: null, mean: null, stddev: null },
  ...{ p50: null, p90: null, p99: null },
};

/** The statistics of some delays in ms. */
export function statisticsOf(delaysMs: readonly number[]): LagStatistics {
  if (delaysMs.length === 0) return NOTHING;
  const sorted = Float64Array.from(delaysMs, (ms) => ms / 1000).sort();
  const mean = sorted.reduce((sum, delay) => sum + delay, 0) / sorted.length;
  const variance = sorted.reduce((sum, delay) => sum + (delay - mean) ** 2, 0) / sorted.length;
  return {
    min: sorted[0] as number,
    max: sorted.at(-1) as number,
    mean,
    stddev: Math.sqrt(variance),
    p50: percentileOfSorted(sorted, 0.5),
    p90: percentileOfSorted(sorted, 0.9),
    p99: percentileOfSorted(sorted, 0.99),
  };
}

/** The metrics, named as prom-client's defaults are, so that dashboards for those show these. */
export function lagFamilies(statistics: LagStatistics): Family[] {
  return Object.entries(statistics).map(([name, value]: [string, number | null]) => {
    const help = `The ${name} of how late the event loop was, over the latest minute.`;
    return gauge(`nodejs_eventloop_lag_${name}_seconds`, help, value);
  });
}

/** Remembers how late the beats of one loop were. */
export class Lag {
  readonly #memory: Memory;
  #last: Beat | null = null;
  #seen: { readonly atMs: number; readonly delayMs: number }[] = [];

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** How often {@link follow} must be called for no beat to be missed, in ms. */
  static everyMs(beatMs: number): number {
    return Math.max(1, Math.min(1000, (beatMs * RING) / 4));
  }

  /** Takes the beats since the last call. */
  follow(beatMs: number): void {
    for (const beat of readBeats(this.#memory, this.#last?.number ?? 0)) {
      const before = this.#last;
      this.#last = beat;
      // Where beats were missed, nothing is known of those between.
      if (before === null || (before.number + 1) >>> 0 !== beat.number) continue;
      this.#seen.push({ atMs: beat.atMs, delayMs: Math.max(0, beat.atMs - before.atMs - beatMs) });
    }
    const since = (this.#last?.atMs ?? 0) - WINDOW_MS;
    const young = this.#seen.findIndex(({ atMs }) => atMs >= since);
    this.#seen.splice(0, Math.max(young, this.#seen.length - MOST_BEATS, 0));
  }

  /**
   * The longest delay that ended in each second of the window, in ms, the present second last; null
   * where there was no beat. Seconds without a beat at the end say how late the next one is by then.
   */
  seconds(beatMs: number, nowMs: number): (number | null)[] {
    this.follow(beatMs);
    const longest: (number | null)[] = Array.from({ length: WINDOW_MS / 1000 }, () => null);
    const put = (atMs: number, delayMs: number) => {
      const index = longest.length - 1 - Math.floor((nowMs - atMs) / 1000);
      const known = longest[index];
      if (known !== undefined) longest[index] = Math.max(known ?? 0, Math.round(delayMs));
    };
    for (const { atMs, delayMs } of this.#seen) put(atMs, delayMs);
    const lastMs = this.#last?.atMs ?? nowMs;
    for (let atMs = nowMs; atMs > lastMs + 2 * beatMs; atMs -= 1000) {
      if (nowMs - atMs >= WINDOW_MS) break;
      put(atMs, atMs - lastMs - beatMs);
    }
    return longest;
  }

  /** The turn that goes on counts as long as it has lasted, when that is too long already. */
  statistics(beatMs: number, nowMs: number): LagStatistics {
    this.follow(beatMs);
    const openMs = this.#last === null ? 0 : nowMs - this.#last.atMs - beatMs;
    const delays = this.#seen.map(({ delayMs }) => delayMs);
    return statisticsOf(openMs > beatMs ? [...delays, openMs] : delays);
  }
}
