/** Stretches of time, as sets: half open, so that two that meet share nothing. */

/** In ms of one clock. */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

/** The same time, in order and each of it once. */
export function union(intervals: readonly Interval[]): Interval[] {
  const sorted = intervals
    .filter(({ startMs, endMs }) => endMs > startMs)
    .sort((one, other) => one.startMs - other.startMs);
  const joined: Interval[] = [];
  for (const { startMs, endMs } of sorted) {
    const last = joined.at(-1);
    if (last === undefined || startMs > last.endMs) joined.push({ startMs, endMs });
    else if (endMs > last.endMs) joined[joined.length - 1] = { startMs: last.startMs, endMs };
  }
  return joined;
}

/** The time of the first that is not in the second. */
export function subtract(from: readonly Interval[], taken: readonly Interval[]): Interval[] {
  let rest = union(from);
  for (const { startMs, endMs } of union(taken)) {
    rest = rest.flatMap((part) => [
      { startMs: part.startMs, endMs: Math.min(part.endMs, startMs) },
      { startMs: Math.max(part.startMs, endMs), endMs: part.endMs },
    ]);
    rest = rest.filter((part) => part.endMs > part.startMs);
  }
  return rest;
}

/** The time that is in both. */
export function intersect(one: readonly Interval[], other: readonly Interval[]): Interval[] {
  const others = union(other);
  return union(one).flatMap((a) =>
    others
      .map((b) => ({
        startMs: Math.max(a.startMs, b.startMs),
        endMs: Math.min(a.endMs, b.endMs),
      }))
      .filter(({ startMs, endMs }) => endMs > startMs),
  );
}

/** How long it is in all, in ms. */
export function lengthMs(intervals: readonly Interval[]): number {
  return union(intervals).reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
}
