/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSchedstat, Schedstat, type Totals } from '#src/shared/schedstat.js';
import { SchedulingWitness } from '#src/watchdog/evidence/kernel/scheduling.js';

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
  assert.equal(new SchedulingWitness(missing, missing).between(0, 1), null);
});

test('a turn ran at least, and waited at most, what is read around its beats', () => {
  const ofThread: Totals = { ranMs: 0, waitedMs: 0 };
  const own: Totals = { ranMs: 0, waitedMs: 0 };
  const now = { atMs: 0, thread: ofThread, own };
  const clock = () => now.atMs;
  const witness = new SchedulingWitness({ read: () => now.thread }, { read: () => now.own }, clock);
  const tick = (atMs: number, ranMs: number, waitedMs: number, watchdogMs: number) => {
    now.atMs = atMs;
    now.thread = { ranMs, waitedMs };
    now.own = { ranMs: 0, waitedMs: watchdogMs };
    witness.tick();
  };
  tick(1000, 5, 1, 0);
  // A beat was made between these two.
  tick(1020, 15, 3, 2);
  witness.turned();
  tick(1120, 100, 10, 4);
  tick(1220, 190, 20, 5);
  // From the second reading on it ran 175, some of which may be old, and waited 17; before it, 2.
  const whole = { ranMs: 165, waitedMs: 19, watchdogWaitedMs: 5 };
  assert.deepEqual(witness.between(1010, 1220), whole);
  // Of those 2 no more than 1 can have been after a beat that came 1 ms before the second reading.
  assert.deepEqual(witness.between(1019, 1220), { ...whole, waitedMs: 18 });
  // By the first reading it ran more: 185 since 1000, of which 2 may have been before the beat.
  assert.deepEqual(witness.between(1002, 1220), { ...whole, ranMs: 173 });
  // What it ran after the end is not known, nor in which part of the time it waited.
  assert.deepEqual(witness.between(1019, 1200), { ...whole, ranMs: 145, waitedMs: 18 });
  witness.turned();
  tick(1230, 195, 21, 5);
  assert.deepEqual(witness.between(1215, 1230), { ranMs: 0, waitedMs: 6, watchdogWaitedMs: 1 });
});
