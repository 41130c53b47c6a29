/**
 * Worker threads that compute, or that are many, are watched like the others. Very many of them,
 * and those that start by and by, are in workers-many.test.ts; terminated ones in workers-terminated.test.ts.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { undisturbed } from './harness/block.js';
import { markedLine } from './harness/markers.js';
import { programPath } from './harness/places.js';
import { run } from './harness/run.js';
import { assertCrowd, records, threads } from './harness/threads.js';

describe('a worker that blocks', () => {
  test('beside a main thread in a native call is at least told of', async (t) => {
    // Its stack can only be had through the main thread; that it computed, the kernel says.
    const found = records(await undisturbed(() => threads(t, 'native')));
    assert.equal(found.length, 2);
    assert.ok(found.some(({ thread }) => thread.name === 'main'));
    // Before Node 22.20 a worker can't tell its name, and its number stands for it.
    assert.ok(found.some(({ thread }) => /^(painter|worker \d+)$/.test(thread.name)));
  });

  test('in a pool of piscina: the function of the task is named', async (t) => {
    const found = records(await run(t, [programPath('piscina-blocks.mjs')]));
    // Threads that wait for work do so in Atomics.wait, and block nobody.
    assert.deepEqual(
      found.map(({ culprit }) => [culprit?.function, culprit?.line]),
      [['resize', markedLine('piscina-blocks-task.mjs')]],
    );
    const [record] = found;
    assert.ok((record?.thread.id ?? 0) > 0);
    const durationMs = record?.durationMs ?? 0;
    // The loop of such a thread does not turn between two tasks: its samples give the duration.
    assert.ok(durationMs >= 400 && durationMs < 700, `${durationMs}`);
  });
});

test('of 16 workers that start at once, those 2 that block are reported', (t) =>
  assertCrowd(t, 'storm', 16));
