/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Caps, problemOf } from '#src/watchdog/delivery/caps.js';
import { recordOf } from '../record.fixture.js';

const HOUR_MS = 3_600_000;

test('a culprit is reported so often an hour, and the rest are summed into the next report', () => {
  const caps = new Caps();
  const admit = (nowMs: number) => caps.admit(recordOf(), 2, nowMs);
  assert.deepEqual([admit(0), admit(1), admit(2), admit(3)], [0, 0, null, null]);
  assert.equal(admit(HOUR_MS), 2);
  assert.deepEqual([admit(HOUR_MS + 1), admit(HOUR_MS + 2)], [0, null]);
});

test('other culprits are other problems; other lines, durations and workers are not', () => {
  const { culprit } = recordOf();
  assert.ok(culprit !== null);
  const problem = problemOf(recordOf());
  const same = { durationMs: 7, culprit: { ...culprit, line: 3, column: 1 } };
  assert.equal(problemOf(recordOf(same)), problem);
  const worker = (id: number) => problemOf(recordOf({ thread: { id, name: `w${id}` } }));
  assert.equal(worker(3), worker(4));
  for (const other of [
    recordOf({ culprit: { ...culprit, function: 'other' } }),
    recordOf({ culprit: null }),
    recordOf({ cause: 'gc' }),
    recordOf({ kind: 'hang' }),
  ]) {
    assert.notEqual(problemOf(other), problem);
  }
});

test('memory is bounded, and what was quiet for longest is forgotten first', () => {
  const caps = new Caps();
  const of = (index: number) => {
    return recordOf({
      culprit: { ...(recordOf().culprit as object), function: `f${index}` } as never,
    });
  };
  for (let i = 0; i < 600; i++) assert.equal(caps.admit(of(i), 1, i), 0);
  assert.equal(caps.admit(of(0), 1, 700), 0, 'forgotten');
  assert.equal(caps.admit(of(599), 1, 700), null, 'remembered');
});
