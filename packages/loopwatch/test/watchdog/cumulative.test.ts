/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  cumulate,
  isGathering,
  QUIET,
  type ShortBlock,
  type Stretch,
} from '#src/watchdog/cumulative/cumulative.js';

const SETTINGS = { thresholdMs: 200, windowMs: 1000 };
const LONGEST_MS = 5000;

/** Short blocks after each other, and the ticks at which they are seen. */
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
  readonly blocks: readonly ShortBlock[];
  readonly overs: readonly Stretch[];
}

/** `waitedMs`: for how much of it its thread had no CPU. */
function blocksOf(
  steps: readonly { idleMs: number; ms: number; waitedMs?: number }[],
): ShortBlock[] {
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
  const blocks = blocksOf(steps);
  let state = QUIET;
  let fresh: ShortBlock[] = [];
  const overs: Stretch[] = [];
  const step = (nowMs: number, last: boolean) => {
    const result = cumulate(state, { nowMs, blocks: fresh, last }, SETTINGS, LONGEST_MS);
    ({ state } = result);
    fresh = [];
    if (result.over !== null) overs.push(result.over);
  };
  blocks.forEach((block, index) => {
    fresh.push(block);
    if (steps[index]?.tick) step(block.endMs, false);
  });
  step((blocks.at(-1)?.endMs ?? 0) + 1, true);
  return { blocks, overs };
}

function sumBetween(blocks: readonly ShortBlock[], fromMs: number, toMs: number): number {
  const inside = blocks.filter(({ startMs, endMs }) => startMs >= fromMs && endMs <= toMs);
  return inside.reduce((sum, { ms }) => sum + ms, 0);
}

test('no millisecond is counted twice, and a stretch is what its short blocks are', () => {
  fc.assert(
    fc.property(trace, (steps) => {
      const { blocks, overs } = play(steps);
      overs.forEach((over, index) => {
        assert.equal(over.ms, sumBetween(blocks, over.startMs, over.endMs));
        const before = overs[index - 1];
        if (before !== undefined) assert.ok(before.endMs <= over.startMs);
        assert.ok(over.ms > SETTINGS.thresholdMs);
      });
    }),
    { numRuns: 1000 },
  );
});

/** The slow, obvious reference, for ticks at every short block: is any window over the threshold? */
function exceedsSomewhere(blocks: readonly ShortBlock[]): boolean {
  return blocks.some(({ endMs }) => {
    const inWindow = blocks.filter(
      (one) => one.endMs > endMs - SETTINGS.windowMs && one.endMs <= endMs,
    );
    return inWindow.reduce((sum, { workedMs }) => sum + workedMs, 0) > SETTINGS.thresholdMs;
  });
}

test('a stretch is found exactly when some window is over the threshold', () => {
  fc.assert(
    fc.property(trace, (steps) => {
      const { blocks, overs } = play(steps.map((step) => ({ ...step, tick: true })));
      assert.equal(overs.length > 0, exceedsSomewhere(blocks));
    }),
    { numRuns: 1000 },
  );
});

test('short blocks that go on are reported every longestMs, those that stop when a window is calm', () => {
  const steps = Array.from({ length: 200 }, () => ({ idleMs: 20, ms: 30, tick: true }));
  const { overs, blocks } = play(steps);
  assert.equal(overs.length, 2);
  const [first] = overs as [Stretch];
  const longMs = first.endMs - first.startMs;
  assert.ok(longMs >= LONGEST_MS && longMs < LONGEST_MS + 100, `${longMs} ms`);
  const sum = overs.reduce((total, { ms }) => total + ms, 0);
  assert.equal(sum, sumBetween(blocks, 0, Number.POSITIVE_INFINITY));

  let { state } = cumulate(
    QUIET,
    { nowMs: 1000, blocks: blocksOf(steps.slice(0, 20)) },
    SETTINGS,
    1e9,
  );
  assert.equal(isGathering(state, SETTINGS), true);
  const calm = cumulate(state, { nowMs: 1700, blocks: [] }, SETTINGS, 1e9);
  assert.deepEqual(calm.over, { startMs: 20, endMs: 1000, ms: 600, count: 20 });
  assert.equal(isGathering(calm.state, SETTINGS), false);
  ({ state } = calm);
  assert.equal(cumulate(state, { nowMs: 1701, blocks: [] }, SETTINGS, 1e9).over, null);
});

test('evidence is gathered from half of the threshold on', () => {
  const [first, second] = blocksOf([
    { idleMs: 10, ms: 60 },
    { idleMs: 10, ms: 60 },
  ]) as [ShortBlock, ShortBlock];
  const one = cumulate(QUIET, { nowMs: 70, blocks: [first] }, SETTINGS, LONGEST_MS).state;
  assert.equal(isGathering(one, SETTINGS), false);
  const two = cumulate(one, { nowMs: 140, blocks: [second] }, SETTINGS, LONGEST_MS).state;
  assert.equal(isGathering(two, SETTINGS), true);
  const later = cumulate(two, { nowMs: 3000, blocks: [] }, SETTINGS, LONGEST_MS).state;
  assert.equal(isGathering(later, SETTINGS), false);
});
