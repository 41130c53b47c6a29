/**
 * A block that begins soon after the start is seen. Other tests give a watchdog longer to be up, as it is
 * not where others have the CPU.
 *
 * @machine quiet
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blocking, onlyReport } from './harness/block.js';
import { markedLine } from './harness/markers.js';
import { run } from './harness/run.js';
import { assertPainter, records, threads } from './harness/threads.js';

describe('a block of 300 ms that begins 250 ms after the start is reported with its culprit', () => {
  test('on the main thread', async (t) => {
    const ended = await run(t, blocking({ kind: 'wait', ms: 300, delay: 250 }));
    const { culprit, durationMs } = onlyReport(ended).block;
    const expected = ['wait', markedLine('block.mjs', 'culprit: wait')];
    assert.deepEqual([culprit?.function, culprit?.line], expected);
    assert.ok(durationMs >= 290 && durationMs < 500, `${durationMs}`);
  });

  test('in a worker', async (t) => {
    const [record, ...more] = records(await threads(t, 'early'));
    assert.deepEqual(more, []);
    assertPainter(record, 300);
  });
});
