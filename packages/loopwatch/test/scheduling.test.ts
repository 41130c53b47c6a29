import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  parseSchedstat,
  Schedstat,
  SchedulingWitness,
  type Totals,
} from '#src/watchdog/scheduling.js';

test('schedstat is read in ms', () => {
  assert.deepEqual(parseSchedstat('99825424 6361071 194\n'), {
    ranMs: 99.825424,
    waitedMs: 6.361071,
  });
  assert.equal(parseSchedstat('0\n'), null);
  assert.equal(parseSchedstat(''), null);
});

test('a file that is not there says nothing', () => {
  const missing = new Schedstat('/proc/self/task/0/schedstat');
  assert.equal(missing.read(), null);
  missing.close();
  assert.equal(new SchedulingWitness(missing, missing).current(), null);
});

test('a turn ran at least, and waited at most, what is read around its beats', () => {
  const ofThread: Totals = { ranMs: 0, waitedMs: 0 };
  const own: Totals = { ranMs: 0, waitedMs: 0 };
  const now = { thread: ofThread, own };
  const witness = new SchedulingWitness({ read: () => now.thread }, { read: () => now.own });
  const tick = (ranMs: number, waitedMs: number, watchdogMs: number) => {
    now.thread = { ranMs, waitedMs };
    now.own = { ranMs: 0, waitedMs: watchdogMs };
    witness.look();
  };
  tick(5, 1, 0);
  // A beat was made between these two.
  tick(15, 3, 2);
  witness.turned();
  tick(100, 10, 4);
  tick(190, 20, 5);
  assert.deepEqual(witness.current(), { ranMs: 165, waitedMs: 19, watchdogWaitedMs: 5 });
  witness.turned();
  tick(195, 21, 5);
  assert.deepEqual(witness.current(), { ranMs: 0, waitedMs: 11, watchdogWaitedMs: 1 });
});
