/** How programs get work that takes as long as they want on whatever machine they run. */
import { nowMs } from './clock.mjs';

/** More timings than one: a disturbed one would make the work too short to be a block. */
const TIMINGS = 3;

/** A block that is shorter than this share of what is wanted may be none. */
const ENOUGH = 0.8;

/** How much of `work`, in its units, lasts about `ms`, judging by what a few of them take. */
export function sized(ms, work, units) {
  // The first time is for the compiler.
  work(units);
  const timings = Array.from({ length: TIMINGS }, () => timed(work, units));
  const found = Math.ceil((units * ms) / Math.min(...timings));
  // On a machine that was busy with something else until now it is too little.
  const tookMs = timed(work, found);
  return tookMs >= ms * ENOUGH ? found : Math.ceil((found * ms) / tookMs);
}

function timed(work, units) {
  const startedMs = nowMs();
  work(units);
  return nowMs() - startedMs;
}
