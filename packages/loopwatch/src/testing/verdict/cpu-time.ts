/** What the kernel says of this thread: how long it ran, and how long it was ready to run and had no CPU. */
import { Schedstat, type Totals } from '../../shared/schedstat.js';

/** Where the kernel does not say: it may have run all the time. */
const UNKNOWN: Totals = { ranMs: Number.POSITIVE_INFINITY, waitedMs: 0 };

/** Opened once: each test reads it. */
let schedstat: Schedstat | undefined;

export function cpuTime(): Totals {
  schedstat ??= new Schedstat('/proc/thread-self/schedstat');
  const totals = schedstat.read();
  // A kernel whose scheduler keeps no statistics has a file of zeros.
  return totals === null || totals.ranMs === 0 ? UNKNOWN : totals;
}
