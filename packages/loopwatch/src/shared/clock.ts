/**
 * The one clock of loopwatch: monotonic milliseconds, the same in every thread of the process.
 *
 * `process.hrtime` is shared by all threads, where `performance.now()` counts from each thread's
 * own origin. The function is taken once, when this module is loaded: fake timers (Sinon, Jest)
 * replace it later and would stop our clock with theirs.
 */
const hrtimeNs = process.hrtime.bigint;
const dateNow = Date.now;

/** Monotonic time in milliseconds, with a fraction; comparable between threads. */
export function nowMs(): number {
  return Number(hrtimeNs()) / 1e6;
}

/** Two readings this close to each other are of the same moment, in ms. */
const SAME_MS = 0.1;

/** A thread that has to wait for a CPU between two readings is bound to get through without, soon. */
const TRIES = 20;

/** What the wall clock is ahead of the monotonic one, in ms, by two readings with nothing in between. */
function wallAheadMs(): number {
  let aheadMs = 0;
  let leastMs = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < TRIES && leastMs > SAME_MS; tries++) {
    const beforeMs = nowMs();
    const wall = dateNow();
    const tookMs = nowMs() - beforeMs;
    if (tookMs >= leastMs) continue;
    leastMs = tookMs;
    aheadMs = wall - beforeMs;
  }
  return aheadMs;
}

/**
 * The wall-clock time of a moment on the monotonic clock, in ms since 1970.
 *
 * @param atMs a time from {@link nowMs}
 */
export function wallMs(atMs: number): number {
  return atMs + wallAheadMs();
}

/** The moment on the monotonic clock of an ISO 8601 time; right to 1 ms as long as nobody sets the wall clock. */
export function monotonicMs(wallTime: string): number {
  return Date.parse(wallTime) - wallAheadMs();
}

/** The same as ISO 8601. */
export function wallTime(atMs: number): string {
  return new Date(wallMs(atMs)).toISOString();
}
