/**
 * A small soak: many blocks a second, and nothing lost, nothing twice.
 *
 * @machine timed
 * @run once
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soak } from './load/soak.js';

test('60 blocks in 3 s, each judged and reported, are delivered once', async (t) => {
  const result = await soak(t, { seconds: 3, perSecond: 20, ms: 8 });
  assert.deepEqual(result.problems, []);
  assert.equal(result.injected, 60);
  assert.ok(result.records > 0);
});
