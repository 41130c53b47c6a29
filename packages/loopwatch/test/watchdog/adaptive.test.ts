/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { percentileOf } from '#src/shared/metrics/percentile.js';
import type { AdaptiveSettings } from '#src/shared/options/option-schema.js';
import { AdaptiveThreshold } from '#src/watchdog/detect/adaptive.js';

const BOUNDS = { leastMs: 100, mostMs: 5000 };

const settings = fc.record({
  windowSize: fc.integer({ min: 1, max: 50 }),
  percentile: fc.double({ min: 0.5, max: 0.99, noNaN: true }),
  minSamples: fc.integer({ min: 1, max: 50 }),
  multiplier: fc.integer({ min: 1, max: 20 }),
  updateMs: fc.integer({ min: 1, max: 500 }),
});

const delay = fc.double({ min: 0, max: 3000, noNaN: true });

/** A trace: at each step some time passes, and some beats come. */
const steps = fc.array(
  fc.record({
    passedMs: fc.integer({ min: 0, max: 300 }),
    delays: fc.array(delay, { maxLength: 9 }),
  }),
  { maxLength: 40 },
);

/** The slow, obvious reference: the whole history, sorted anew at each update. */
class Reference {
  readonly #all: number[] = [];
  #updatedMs = Number.NEGATIVE_INFINITY;
  #thresholdMs = BOUNDS.leastMs;

  step(nowMs: number, delays: readonly number[], given: AdaptiveSettings): number {
    this.#all.push(...delays);
    if (nowMs < this.#updatedMs + given.updateMs) return this.#thresholdMs;
    this.#updatedMs = nowMs;
    const recent = this.#all.slice(-given.windowSize).sort((a, b) => a - b);
    this.#thresholdMs = BOUNDS.leastMs;
    if (recent.length < given.minSamples) return this.#thresholdMs;
    // The smallest delay that a percentile of all delays do not exceed.
    const usual = recent.find((one) => {
      return recent.filter((other) => other <= one).length >= given.percentile * recent.length;
    }) as number;
    const wanted = given.multiplier * usual;
    this.#thresholdMs = Math.min(Math.max(wanted, BOUNDS.leastMs), BOUNDS.mostMs);
    return this.#thresholdMs;
  }
}

test('the threshold is that of the slow reference, on any trace', () => {
  fc.assert(
    fc.property(settings, steps, (given, trace) => {
      const adaptive = new AdaptiveThreshold();
      const reference = new Reference();
      let nowMs = 0;
      for (const { passedMs, delays } of trace) {
        nowMs += passedMs;
        adaptive.add(delays, given);
        const expected = reference.step(nowMs, delays, given);
        assert.equal(adaptive.at(nowMs, given, BOUNDS), expected);
      }
    }),
    { numRuns: 500 },
  );
});

test('it lies between the configured threshold and a hang, and forgets on reset', () => {
  const given = { windowSize: 10, percentile: 0.95, minSamples: 2, multiplier: 5, updateMs: 1000 };
  const adaptive = new AdaptiveThreshold();
  adaptive.add([1, 2, 3], given);
  assert.equal(adaptive.at(0, given, BOUNDS), 100);
  adaptive.add([60, 60, 60, 60], given);
  assert.equal(adaptive.at(500, given, BOUNDS), 100, 'not before updateMs');
  assert.equal(adaptive.at(1000, given, BOUNDS), 300);
  adaptive.add(Array(10).fill(4000), given);
  assert.equal(adaptive.at(2000, given, BOUNDS), 5000);
  adaptive.reset();
  assert.equal(adaptive.at(2001, given, BOUNDS), 100);
});

test('percentiles are nearest-rank', () => {
  assert.equal(percentileOf([15, 20, 35, 40, 50], 0.5), 35);
  assert.equal(percentileOf([7], 0.99), 7);
  assert.equal(percentileOf([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 0.9), 9);
});
