/**
 * Which time counts, with a clock of our own.
 *
 * @machine pure
 */
import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { LoopTime } from '#src/loop-time.js';

test('counts what has passed, what is due and a little more at most, and nothing that the loop was blocked', (t) => {
  let nowMs = 0;
  const time = new LoopTime(() => nowMs);
  t.after(() => time.stop());
  const passes = (ms: number, dueMs = 1000) => {
    nowMs += ms;
    return time.take(dueMs, 1000);
  };
  assert.equal(passes(1000), 1000);
  assert.equal(passes(1800), 1800);
  assert.equal(passes(60_000), 2000);
  assert.equal(passes(60_000, 5000), 6000);

  const block = channel('loopwatch:block');
  block.publish({ durationMs: 700, thread: { id: 0 } });
  block.publish({ durationMs: 5000, thread: { id: 7 } });
  assert.equal(passes(1000), 300);
  block.publish({ durationMs: 60_000, thread: { id: 0 } });
  assert.equal(passes(60_000), 0);
  assert.equal(passes(1000), 1000);

  time.stop();
  assert.equal(block.hasSubscribers, false);
});
