/**
 * Blocks that are seen where nothing disturbs: one that begins soon after the start, and one that is short.
 * Other tests give a watchdog longer, as it is late where others have the CPU.
 *
 * @machine quiet
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blocking, onlyReport } from './harness/block.js';
import { markedLine } from './harness/markers.js';
import { reportsIn } from './harness/reports.js';
import { run } from './harness/run.js';
import { assertPainter, records, threads } from './harness/threads.js';
import { ways } from './harness/ways.js';

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

describe('beatMs', { concurrency: 2 }, () => {
  for (const way of ways) {
    test(`allows a lower threshold: ${way.name}`, async (t) => {
      const options = { beatMs: 5, thresholdMs: 40 };
      const ended = await way.block(t, options, { kind: 'wait', ms: 95, delay: 600 });
      assert.equal(ended.code, 0, ended.stderr);
      // A busy machine may make others.
      const [report, ...more] = reportsIn(ended.stderr).filter(
        ({ block }) => block.culprit?.function === 'wait',
      );
      assert.ok((report?.block.durationMs ?? 0) >= 80, 'a block of 95 ms is reported');
      assert.deepEqual(more, []);
    });
  }
});
