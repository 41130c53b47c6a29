/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nextSampleMs } from '#src/watchdog/evidence/sampling/schedule.js';

const SAMPLE_MS = 20;

/** Samples a block of the given length and returns how many were taken and what they cost. */
function sample(blockMs: number, costMs: number, random: () => number) {
  let elapsedMs = 100;
  let count = 0;
  let spentMs = 0;
  while (elapsedMs < blockMs) {
    count++;
    spentMs += costMs;
    elapsedMs += costMs;
    elapsedMs += nextSampleMs(SAMPLE_MS, count, spentMs, elapsedMs, random());
  }
  return { count, spentMs };
}

test('the wait is jittered by half the period either way', () => {
  assert.equal(nextSampleMs(SAMPLE_MS, 0, 0, 100, 0), 10);
  assert.equal(nextSampleMs(SAMPLE_MS, 0, 0, 100, 1), 30);
});

test('a short block gets its samples, also where one costs a millisecond', () => {
  for (const costMs of [0.1, 0.5, 1]) assert.ok(sample(500, costMs, () => 0.5).count >= 5);
});

test('sampling costs at most 2% of the block and the allowance', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 150, max: 60_000, noNaN: true }),
      fc.double({ min: 0.05, max: 5, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (blockMs, costMs, random) => {
        const { spentMs } = sample(blockMs, costMs, () => random);
        assert.ok(spentMs <= 0.02 * blockMs + 12 + costMs, `${spentMs} of ${blockMs} ms`);
      },
    ),
  );
});

test('a hang of ten minutes is sampled some thousand times at most', () => {
  assert.ok(sample(600_000, 0.1, () => 0.5).count < 2000);
});
