/**
 * A program that replaces the timers and clocks is watched all the same.
 *
 * @machine quiet
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measuredMs, onlyReport } from './harness/block.js';
import { programPath } from './harness/places.js';
import { run } from './harness/run.js';

test('fake timers neither stop the beats nor hide a block', async (t) => {
  const ended = await run(t, [programPath('fake-timers.mjs')]);
  const { block } = onlyReport(ended);
  const [measured = Number.NaN] = measuredMs(ended.stdout);
  assert.match(ended.stdout, /^fake time 0 0 0$/m);
  assert.equal(block.culprit?.function, 'nap');
  assert.ok(Math.abs(block.durationMs - measured) <= 50, `${block.durationMs} of ${measured}`);
  assert.ok(Math.abs(Date.parse(block.startedAt) - Date.now()) < 60_000, block.startedAt);
});
