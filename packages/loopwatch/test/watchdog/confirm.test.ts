/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Turn } from '#src/watchdog/detect/detect.js';
import type { Witness } from '#src/watchdog/evidence/witness.js';
import { confirm, confirmCumulative } from '#src/watchdog/verdict/confirm.js';

const THRESHOLD_MS = 100;

function turn(longMs: number, parts: Partial<Turn> = {}): Turn {
  const none = { idleMs: 0, pausedMs: 0, unseenMs: 0, suspendedMs: 0, atExit: false };
  return {
    after: { number: 1, atMs: 0, idleMs: 0, pausedMs: 0 },
    endMs: longMs,
    ...none,
    ...parts,
  };
}

function witness(parts: Partial<Witness> = {}): Witness {
  const seen = {
    samples: 3,
    exitingSamples: 0,
    showsProgram: true,
    debugged: false,
    contended: false,
    scheduling: null,
    onWorker: false,
  };
  return { ...seen, thread: null, ...parts };
}

test('a turn that was seen to be long is a block of that length', () => {
  const judgement = confirm(turn(400), witness(), THRESHOLD_MS);
  assert.deepEqual(judgement, { verdict: 'block', durationMs: 400 });
});

test('the time in which the loop waited for events is not part of the block', () => {
  const judgement = confirm(turn(400, { idleMs: 15 }), witness(), THRESHOLD_MS);
  assert.deepEqual(judgement, { verdict: 'block', durationMs: 385 });
});

test('a turn that is short without its idle time was nothing', () => {
  assert.deepEqual(confirm(turn(110, { idleMs: 15 }), witness(), THRESHOLD_MS), {
    verdict: 'none',
  });
});

test('a loop that waited although its timer was due got no CPU', () => {
  const judgement = confirm(turn(400, { idleMs: 390 }), witness(), THRESHOLD_MS);
  assert.deepEqual(judgement, { verdict: 'unconfirmed', reason: 'starved', durationMs: 400 });
});

test('an idle process that stood still was suspended, idle and unseen time counted once', () => {
  const stopped = turn(2020, { idleMs: 2015, unseenMs: 2000, suspendedMs: 2000 });
  const judgement = confirm(stopped, witness(), THRESHOLD_MS);
  assert.deepEqual(judgement, { verdict: 'unconfirmed', reason: 'suspended', durationMs: 2020 });
});

test('a watchdog that lagged a little all the time has seen starvation, not a block', () => {
  const judgement = confirm(turn(180, { unseenMs: 120 }), witness(), THRESHOLD_MS);
  assert.deepEqual(judgement, { verdict: 'unconfirmed', reason: 'starved', durationMs: 180 });
});

test('what only ran while the process was exiting is no turn of the loop', () => {
  const judgement = confirm(turn(400), witness({ exitingSamples: 3 }), THRESHOLD_MS);
  assert.deepEqual(judgement, { verdict: 'unconfirmed', reason: 'exiting', durationMs: 400 });
});

test('a runnable thread without CPU time was starved, one that slept or worked was not', () => {
  const thread = { observedMs: 300, cpuMs: 20, runnable: 9, readings: 9 };
  const reasons = [thread, { ...thread, cpuMs: 200 }, { ...thread, runnable: 4 }].map((one) => {
    return confirm(turn(400), witness({ thread: one }), THRESHOLD_MS).verdict;
  });
  assert.deepEqual(reasons, ['unconfirmed', 'block', 'block']);
  const brief = { ...thread, observedMs: 40, cpuMs: 0 };
  assert.equal(confirm(turn(400), witness({ thread: brief }), THRESHOLD_MS).verdict, 'block');
});

test('a thread that had a threshold of CPU time blocked, however long it had to wait for it', () => {
  const thread = { observedMs: 24_000, cpuMs: 600, runnable: 90, readings: 90 };
  assert.equal(confirm(turn(24_000), witness({ thread }), THRESHOLD_MS).verdict, 'block');
  const idle = { ...thread, cpuMs: 90 };
  assert.equal(
    confirm(turn(24_000), witness({ thread: idle }), THRESHOLD_MS).verdict,
    'unconfirmed',
  );
});

test('a thread without any of the program on it was starved when it mostly wanted to run', () => {
  const thread = { observedMs: 90, cpuMs: 30, runnable: 3, readings: 5 };
  const verdict = (showsProgram: boolean) =>
    confirm(turn(140), witness({ thread, showsProgram }), THRESHOLD_MS).verdict;
  assert.equal(verdict(false), 'unconfirmed');
  assert.equal(verdict(true), 'block');
});

test('a turn without any sample is only a block when CPU time or a sharp watchdog says so', () => {
  const reason = (parts: Partial<Witness>, one: Turn = turn(140)) =>
    confirm(one, witness({ samples: 0, showsProgram: false, ...parts }), THRESHOLD_MS).verdict;
  const thread = { observedMs: 80, cpuMs: 10, runnable: 0, readings: 3 };
  assert.equal(reason({ thread }), 'unconfirmed');
  assert.equal(reason({ thread: { ...thread, cpuMs: 70, runnable: 3 } }), 'block');
  assert.equal(reason({ thread: null }), 'block');
  assert.equal(reason({ thread: null }, turn(140, { unseenMs: 20 })), 'unconfirmed');
  // A call that sleeps in the system lets nobody in, and lasts.
  const asleep = { observedMs: 900, cpuMs: 0, runnable: 0, readings: 9 };
  assert.equal(reason({ thread: asleep }, turn(1000)), 'block');
  assert.equal(reason({ thread: asleep, contended: true }, turn(1000)), 'unconfirmed');
  assert.equal(reason({ thread: asleep, onWorker: true }, turn(1000)), 'unconfirmed');
});

test('a thread that used its CPU time did not stand still, whatever the watchdog missed', () => {
  const late = turn(800, { unseenMs: 300, suspendedMs: 300 });
  const judge = (cpuMs: number) => {
    const thread = { observedMs: 750, cpuMs, runnable: 9, readings: 9 };
    return confirm(late, witness({ thread }), THRESHOLD_MS);
  };
  assert.deepEqual(judge(700), { verdict: 'block', durationMs: 800 });
  assert.deepEqual(judge(400), { verdict: 'block', durationMs: 500 });
});

test('waiting for background work at the end of the process is no block', () => {
  const asleep = { observedMs: 100, cpuMs: 0, runnable: 0, readings: 5 };
  const atExit = turn(150, { atExit: true });
  const reason = (parts: Partial<Witness>, one: Turn = atExit) => {
    const judgement = confirm(one, witness(parts), THRESHOLD_MS);
    return judgement.verdict === 'unconfirmed' ? judgement.reason : judgement.verdict;
  };
  assert.equal(reason({ showsProgram: false, thread: asleep }), 'exiting');
  assert.equal(reason({ showsProgram: false, thread: null }), 'exiting');
  assert.equal(reason({ showsProgram: true, thread: asleep }), 'block');
  assert.equal(reason({ showsProgram: false, thread: asleep }, turn(150)), 'block');
  const awake = { ...asleep, cpuMs: 100, runnable: 5 };
  assert.equal(reason({ showsProgram: false, thread: awake }), 'block');
});

test('time in a pause is no part of a block, and a turn that is short without it was paused', () => {
  const paused = confirm(turn(400, { pausedMs: 350 }), witness(), THRESHOLD_MS);
  assert.deepEqual(paused, { verdict: 'unconfirmed', reason: 'paused', durationMs: 400 });
  const both = confirm(turn(400, { pausedMs: 150 }), witness(), THRESHOLD_MS);
  assert.deepEqual(both, { verdict: 'block', durationMs: 250 });
});

test('a thread that a debugger had paused did not block', () => {
  const judgement = confirm(turn(9000), witness({ debugged: true }), THRESHOLD_MS);
  assert.deepEqual(judgement, { verdict: 'unconfirmed', reason: 'debugger', durationMs: 9000 });
});

test('many short turns are believed with samples, and unless their thread got no CPU', () => {
  const thread = { observedMs: 300, cpuMs: 20, runnable: 9, readings: 9 };
  const verdict = (parts: Partial<Witness>, inspected = false) => {
    return confirmCumulative({ ...witness(parts), inspected }, 400).verdict;
  };
  assert.equal(verdict({}), 'block');
  assert.equal(verdict({ samples: 0 }), 'unconfirmed');
  assert.equal(verdict({ showsProgram: false }), 'unconfirmed');
  assert.equal(verdict({ thread }), 'unconfirmed');
  assert.equal(verdict({ thread: { ...thread, cpuMs: 250 } }), 'block');
  assert.equal(verdict({ thread: { ...thread, runnable: 1 } }), 'block');
  assert.equal(verdict({ thread: { ...thread, runnable: 1 } }, true), 'unconfirmed');
  assert.equal(verdict({ thread: { ...thread, cpuMs: 250 } }, true), 'block');
});

test('on a machine short of CPUs, standing still is starvation, and one glimpse proves no block', () => {
  const stopped = turn(2020, { idleMs: 2015, unseenMs: 2000, suspendedMs: 2000 });
  const reason = confirm(stopped, witness({ contended: true }), THRESHOLD_MS);
  assert.equal(reason.verdict === 'unconfirmed' && reason.reason, 'starved');
  const thread = { observedMs: 40, cpuMs: 10, runnable: 2, readings: 2 };
  const glimpse = { contended: true, thread };
  assert.equal(confirm(turn(300), witness(glimpse), THRESHOLD_MS).verdict, 'unconfirmed');
  const seen = { observedMs: 250, cpuMs: 150, runnable: 9, readings: 9 };
  assert.equal(
    confirm(turn(300), witness({ ...glimpse, thread: seen }), THRESHOLD_MS).verdict,
    'block',
  );
});

const scheduling = { ranMs: 0, waitedMs: 0, watchdogWaitedMs: 0 };

test('what the scheduler says of both threads is better than what the CPUs did', () => {
  const reason = (found: Turn, changes: Partial<Witness>) => {
    const judged = confirm(found, witness(changes), THRESHOLD_MS);
    return judged.verdict === 'unconfirmed' ? judged.reason : judged.verdict;
  };
  const stopped = turn(2020, { idleMs: 2015, unseenMs: 2000, suspendedMs: 2000 });
  assert.equal(reason(stopped, { contended: true, scheduling }), 'suspended');
  const watchdogKept = { ...scheduling, watchdogWaitedMs: 1900 };
  assert.equal(reason(stopped, { scheduling: watchdogKept }), 'starved');
  // Both slept for 300 ms, the one in a system call of the program, the other kept from a CPU.
  const blocked = turn(300, { unseenMs: 280 });
  assert.equal(reason(blocked, { scheduling: { ...scheduling, watchdogWaitedMs: 280 } }), 'block');
  assert.equal(reason(blocked, { scheduling }), 'starved');
  const bothKept = { ...scheduling, waitedMs: 260, watchdogWaitedMs: 280 };
  assert.equal(reason(blocked, { scheduling: bothKept }), 'starved');
  assert.equal(reason(turn(300), { scheduling: { ...scheduling, waitedMs: 150 } }), 'block');
  const unsampled = { samples: 0, thread: { observedMs: 60, cpuMs: 0, runnable: 2, readings: 2 } };
  assert.equal(reason(turn(300), { ...unsampled, scheduling }), 'starved');
  assert.equal(
    reason(turn(300), { ...unsampled, scheduling: { ...scheduling, ranMs: 250 } }),
    'block',
    'it ran, whoever saw it',
  );
});
