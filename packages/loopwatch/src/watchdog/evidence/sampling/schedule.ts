/** When the next stack is taken: jittered, and stretched so that sampling stays cheap. */

/**
 * The share of a block that its sampling may cost the blocked thread. What a user gains from a
 * sample falls with their number; what it costs does not.
 */
const SHARE = 0.02;

/**
 * What the samples of any block may cost together before the share counts, in ms: enough for a
 * dozen in a short block.
 */
const ALLOWANCE_MS = 12;

/**
 * What one sample can count for at most, in ms. A capture that took longer was interrupted by the
 * scheduler: that time the blocked thread did not have anyway.
 */
export const DEAREST_MS = 3;

/**
 * The wait until the next sample, in ms.
 *
 * A fixed period would beat with the program's own (a 2:1 split read as 27:0), hence the jitter of
 * half the period either way. A block of n samples so far waits for n/20 of the period more, so
 * that a hang of minutes is sampled ever more rarely even when sampling costs nothing.
 *
 * @param spentMs what this block's samples have cost the watched thread so far
 * @param elapsedMs how long the block has lasted
 * @param random from 0 to 1
 */
export function nextSampleMs(
  sampleMs: number,
  count: number,
  spentMs: number,
  elapsedMs: number,
  random: number,
): number {
  const jittered = sampleMs * (0.5 + random) * (1 + count / 20);
  // The moment at which what was spent is back within the allowance.
  const affordableMs = (spentMs - ALLOWANCE_MS) / SHARE - elapsedMs;
  return Math.max(jittered, affordableMs);
}
