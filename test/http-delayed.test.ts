/**
 * Requests that came while the loop was blocked are counted among those that it delayed. Alone, since they are
 * told from later ones by that the loop waits for nothing between them.
 *
 * @machine quiet
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startHttp } from './harness/exchange.js';

const CASES = 'http-cases.mjs';

test('those that came while the loop was blocked are delayed, too', async (t) => {
  const program = await startHttp(t, [CASES]);
  await program.ask('/plain');
  const guilty = program.ask('/long');
  await sleep(300);
  const others = Array.from({ length: 20 }, () => program.ask('/plain'));
  await Promise.all([guilty, ...others]);
  const [block] = await program.blocked(1);
  assert.equal(block?.request?.path, '/long');
  assert.deepEqual(block?.delayed, { requests: 20 });
});
