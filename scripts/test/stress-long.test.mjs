/**
 * A longer stress run than that of stress.test.mjs.
 *
 * @machine waiting
 * @run once
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stress } from '../stress.mjs';

const node = process.env.LOOPWATCH_TEST_NODE ?? process.execPath;

test('24 processes end at random moments as they do without loopwatch', async () => {
  const seed = Date.now() % 1_000_000;
  const indexes = Array.from({ length: 24 }, (_, index) => index);
  const results = await stress({ node, seed, indexes });
  assert.equal(results.length, indexes.length);
  const failed = results.filter(({ problems }) => problems.length > 0);
  assert.deepEqual(failed, [], `seed ${seed}`);
});
