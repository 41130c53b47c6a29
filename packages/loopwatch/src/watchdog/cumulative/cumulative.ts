/**
 * Cumulative blocking, as a pure function: turns too short to be blocks by themselves, of which there
 * are so many that they block the loop all the same.
 *
 * ```
 *           sum > half               sum > threshold              sum <= threshold: "over"
 *  quiet ─────────────▶ gathering ───────────────────▶ exceeded ──────────────▶ quiet
 *     ▲                     │                              │  lasts longestMs: "over", and again
 *     └──── sum <= half ────┘                              └────────────────────────┘
 * ```
 *
 * The *sum* is of what the program took in the short blocks that ended within the last `windowMs`: time
 * in which its thread waited for a CPU makes a short block longer, as it does a block, and no report of
 * it. A short block belongs to one report at most: those that were reported leave the window. All times
 * are in ms of the shared clock.
 */
import type { CumulativeSettings } from '../../shared/options/option-schema.js';

/** A turn of the loop that was late, and shorter than a block. */
export interface ShortBlock {
  readonly startMs: number;
  readonly endMs: number;
  /** How long it blocked the loop. */
  readonly ms: number;
  /** How much of that the program itself took at least: its thread did not wait for a CPU then. */
  readonly workedMs: number;
}

/** A stretch of time in which short blocks blocked the loop for more than the threshold in each window. */
export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
  /** What its short blocks took together. */
  readonly ms: number;
  readonly count: number;
}

export interface CumulativeState {
  /** The short blocks of the window that are not reported, oldest first. */
  readonly recent: readonly ShortBlock[];
  /** What has been exceeded since when; null while nothing is. */
  readonly stretch: Stretch | null;
}

export const QUIET: CumulativeState = { recent: [], stretch: null };

/** The share of the threshold from which on evidence is gathered: a first report needs some. */
const GATHERING = 0.5;

function sumOf(blocks: readonly ShortBlock[]): number {
  return blocks.reduce((sum, { workedMs }) => sum + workedMs, 0);
}

function stretchOf(blocks: readonly ShortBlock[]): Stretch | null {
  const [first] = blocks;
  const last = blocks.at(-1);
  if (first === undefined || last === undefined) return null;
  const ms = blocks.reduce((sum, block) => sum + block.ms, 0);
  return { startMs: first.startMs, endMs: last.endMs, ms, count: blocks.length };
}

/** Whether samples of further short blocks are wanted. */
export function isGathering(
  { recent, stretch }: CumulativeState,
  { thresholdMs }: CumulativeSettings,
): boolean {
  return stretch !== null || sumOf(recent) >= thresholdMs * GATHERING;
}

/** What one step takes in. */
export interface Step {
  readonly nowMs: number;
  /** The short blocks since the last step, oldest first. */
  readonly blocks: readonly ShortBlock[];
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
  { nowMs, blocks, last = false }: Step,
  { thresholdMs, windowMs }: CumulativeSettings,
  longestMs: number,
): { readonly state: CumulativeState; readonly over: Stretch | null } {
  const inWindow = [...recent, ...blocks].filter(({ endMs }) => endMs > nowMs - windowMs);
  const exceeded = sumOf(inWindow) > thresholdMs;
  let current = stretch;
  if (current !== null) {
    const added = stretchOf(blocks);
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
