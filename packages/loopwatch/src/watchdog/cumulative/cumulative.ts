/**
 * Cumulative blocking, as a pure function: turns too short to be blocks, of which there are so many
 * that they block the loop all the same ("a thousand cuts").
 *
 * ```
 *           sum > half               sum > threshold              sum <= threshold: "over"
 *  quiet ─────────────▶ gathering ───────────────────▶ exceeded ──────────────▶ quiet
 *     ▲                     │                              │  lasts longestMs: "over", and again
 *     └──── sum <= half ────┘                              └────────────────────────┘
 * ```
 *
 * The *sum* is of what the program took in the cuts that ended within the last `windowMs`: time in
 * which its thread waited for a CPU makes a cut longer, as it does a block, and no report of it. A cut belongs to one report at
 * most: those that were reported leave the window. All times are in ms of the shared clock.
 */
import type { CumulativeSettings } from '../../shared/options/option-schema.js';

/** A turn of the loop that was late, and shorter than a block. */
export interface Cut {
  readonly startMs: number;
  readonly endMs: number;
  /** How long it blocked the loop. */
  readonly ms: number;
  /** How much of that the program itself took at least: its thread did not wait for a CPU then. */
  readonly workedMs: number;
}

/** A stretch of time in which cuts blocked the loop for more than the threshold in each window. */
export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
  /** What its cuts took together. */
  readonly ms: number;
  readonly count: number;
}

export interface CumulativeState {
  /** The cuts of the window that are not reported, oldest first. */
  readonly recent: readonly Cut[];
  /** What has been exceeded since when; null while nothing is. */
  readonly stretch: Stretch | null;
}

export const QUIET: CumulativeState = { recent: [], stretch: null };

/** The share of the threshold from which on evidence is gathered: a first report needs some. */
const GATHERING = 0.5;

function sumOf(cuts: readonly Cut[]): number {
  return cuts.reduce((sum, { workedMs }) => sum + workedMs, 0);
}

function stretchOf(cuts: readonly Cut[]): Stretch | null {
  const [first] = cuts;
  const last = cuts.at(-1);
  if (first === undefined || last === undefined) return null;
  const ms = cuts.reduce((sum, cut) => sum + cut.ms, 0);
  return { startMs: first.startMs, endMs: last.endMs, ms, count: cuts.length };
}

/** Whether samples of further cuts are wanted. */
export function isGathering(
  { recent, stretch }: CumulativeState,
  { thresholdMs }: CumulativeSettings,
): boolean {
  return stretch !== null || sumOf(recent) >= thresholdMs * GATHERING;
}

/** What one step takes in. */
export interface Step {
  readonly nowMs: number;
  /** The cuts since the last step, oldest first. */
  readonly cuts: readonly Cut[];
  /** No more will come: what is exceeded is over. */
  readonly last?: boolean;
}

/**
 * One step.
 *
 * @param longestMs after this long a stretch is reported although it has not ended
 * @returns the stretch that is over, if one is
 */
export function cumulate(
  { recent, stretch }: CumulativeState,
  { nowMs, cuts, last = false }: Step,
  { thresholdMs, windowMs }: CumulativeSettings,
  longestMs: number,
): { readonly state: CumulativeState; readonly over: Stretch | null } {
  const inWindow = [...recent, ...cuts].filter(({ endMs }) => endMs > nowMs - windowMs);
  const exceeded = sumOf(inWindow) > thresholdMs;
  let current = stretch;
  if (current !== null) {
    const added = stretchOf(cuts);
    if (added !== null) {
      const { startMs, ms, count } = current;
      const sums = { ms: ms + added.ms, count: count + added.count };
      current = { startMs, endMs: added.endMs, ...sums };
    }
  } else if (exceeded) {
    current = stretchOf(inWindow);
  }
  const over =
    current !== null && (!exceeded || last || nowMs - current.startMs >= longestMs)
      ? current
      : null;
  if (over !== null) return { state: QUIET, over };
  return { state: { recent: inWindow, stretch: current }, over: null };
}
