/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Cut,
  cumulate,
  isGathering,
  QUIET,
  type Stretch,
} from '#src/watchdog/cumulative/cumulative.js';

const SETTINGS = { thresholdMs: 200, windowMs: 1000 };
const LONGEST_MS = 5000;

/** Cuts after each other, and the ticks at which they are seen. */
const trace = fc.array(
  fc.record({
    idleMs: fc.integer({ min: 1, max: 400 }),
    ms: fc.integer({ min: 1, max: 100 }),
    waitedMs: fc.integer({ min: 0, max: 50 }),
    tick: fc.boolean(),
  }),
  { maxLength: 80 },
);

interface Played {
  readonly cuts: readonly Cut[];
  readonly overs: readonly Stretch[];
}

/** `waitedMs`: for how much of it its thread had no CPU. */
function cutsOf(steps: readonly { idleMs: number; ms: number; waitedMs?: number }[]): Cut[] {
  let nowMs = 0;
  return steps.map(({ idleMs, ms, waitedMs = 0 }) => {
    const startMs = nowMs + idleMs;
    nowMs = startMs + ms;
    return { startMs, endMs: nowMs, ms, workedMs: Math.max(0, ms - waitedMs) };
  });
}

function play(
  steps: readonly { idleMs: number; ms: number; waitedMs?: number; tick: boolean }[],
): Played {
  const cuts = cutsOf(steps);
  let state = QUIET;
  let fresh: Cut[] = [];
  const overs: Stretch[] = [];
  const step = (nowMs: number, last: boolean) => {
    const result = cumulate(state, { nowMs, cuts: fresh, last }, SETTINGS, LONGEST_MS);
    ({ state } = result);
    fresh = [];
    if (result.over !== null) overs.push(result.over);
  };
  cuts.forEach((cut, index) => {
    fresh.push(cut);
    if (steps[index]?.tick) step(cut.endMs, false);
  });
  step((cuts.at(-1)?.endMs ?? 0) + 1, true);
  return { cuts, overs };
}

function sumBetween(cuts: readonly Cut[], fromMs: number, toMs: number): number {
  const inside = cuts.filter(({ startMs, endMs }) => startMs >= fromMs && endMs <= toMs);
  return inside.reduce((sum, { ms }) => sum + ms, 0);
}

test('no millisecond is counted twice, and a stretch is what its cuts are', () => {
  fc.assert(
    fc.property(trace, (steps) => {
      const { cuts, overs } = play(steps);
      overs.forEach((over, index) => {
        assert.equal(over.ms, sumBetween(cuts, over.startMs, over.endMs));
        const before = overs[index - 1];
        if (before !== undefined) assert.ok(before.endMs <= over.startMs);
        assert.ok(over.ms > SETTINGS.thresholdMs);
      });
    }),
    { numRuns: 1000 },
  );
});

/** The slow, obvious reference, for ticks at every cut: is any window over the threshold? */
function exceedsSomewhere(cuts: readonly Cut[]): boolean {
  return cuts.some(({ endMs }) => {
    const inWindow = cuts.filter(
      (one) => one.endMs > endMs - SETTINGS.windowMs && one.endMs <= endMs,
    );
    return inWindow.reduce((sum, { workedMs }) => sum + workedMs, 0) > SETTINGS.thresholdMs;
  });
}

test('a stretch is found exactly when some window is over the threshold', () => {
  fc.assert(
    fc.property(trace, (steps) => {
      const { cuts, overs } = play(steps.map((step) => ({ ...step, tick: true })));
      assert.equal(overs.length > 0, exceedsSomewhere(cuts));
    }),
    { numRuns: 1000 },
  );
});

test('cuts that go on are reported every longestMs, those that stop when a window is calm', () => {
  const steps = Array.from({ length: 200 }, () => ({ idleMs: 20, ms: 30, tick: true }));
  const { overs, cuts } = play(steps);
  assert.equal(overs.length, 2);
  const [first] = overs as [Stretch];
  const longMs = first.endMs - first.startMs;
  assert.ok(longMs >= LONGEST_MS && longMs < LONGEST_MS + 100, `${longMs} ms`);
  const sum = overs.reduce((total, { ms }) => total + ms, 0);
  assert.equal(sum, sumBetween(cuts, 0, Number.POSITIVE_INFINITY));

  let { state } = cumulate(QUIET, { nowMs: 1000, cuts: cutsOf(steps.slice(0, 20)) }, SETTINGS, 1e9);
  assert.equal(isGathering(state, SETTINGS), true);
  const calm = cumulate(state, { nowMs: 1700, cuts: [] }, SETTINGS, 1e9);
  assert.deepEqual(calm.over, { startMs: 20, endMs: 1000, ms: 600, count: 20 });
  assert.equal(isGathering(calm.state, SETTINGS), false);
  ({ state } = calm);
  assert.equal(cumulate(state, { nowMs: 1701, cuts: [] }, SETTINGS, 1e9).over, null);
});

test('evidence is gathered from half of the threshold on', () => {
  const [first, second] = cutsOf([
    { idleMs: 10, ms: 60 },
    { idleMs: 10, ms: 60 },
  ]) as [Cut, Cut];
  const one = cumulate(QUIET, { nowMs: 70, cuts: [first] }, SETTINGS, LONGEST_MS).state;
  assert.equal(isGathering(one, SETTINGS), false);
  const two = cumulate(one, { nowMs: 140, cuts: [second] }, SETTINGS, LONGEST_MS).state;
  assert.equal(isGathering(two, SETTINGS), true);
  const later = cumulate(two, { nowMs: 3000, cuts: [] }, SETTINGS, LONGEST_MS).state;
  assert.equal(isGathering(later, SETTINGS), false);
});
