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

/**
 * The wall-clock time of a moment on the monotonic clock, in ms since 1970.
 *
 * @param atMs a time from {@link nowMs}
 */
export function wallMs(atMs: number): number {
  return dateNow() - (nowMs() - atMs);
}

/** The moment on the monotonic clock of an ISO 8601 time; right to 1 ms as long as nobody sets the wall clock. */
export function monotonicMs(wallTime: string): number {
  return nowMs() - (dateNow() - Date.parse(wallTime));
}

/** The same as ISO 8601. */
export function wallTime(atMs: number): string {
  return new Date(wallMs(atMs)).toISOString();
}
