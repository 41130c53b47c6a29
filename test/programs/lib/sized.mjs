/** How programs get work that takes as long as they want on whatever machine they run. */
import { nowMs } from './clock.mjs';

/** More timings than one: a disturbed one would make the work too short to be a block. */
const TIMINGS = 3;

/** How much of `work`, in its units, lasts about `ms`, judging by what a few of them take. */
export function sized(ms, work, units) {
  // The first time is for the compiler.
  work(units);
  const timings = Array.from({ length: TIMINGS }, () => {
    const startedMs = nowMs();
    work(units);
    return nowMs() - startedMs;
  });
  return Math.ceil((units * ms) / Math.min(...timings));
}
