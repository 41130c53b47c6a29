/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  parseStat,
  parseSwitches,
  ThreadReadings,
  ThreadState,
} from '#src/watchdog/evidence/kernel/thread-state.js';

const STAT = '7 (a) b (c) S 1 7 7 0 -1 4194304 1 0 0 0 12 3 0 0 20 0 11 0 5 6';

test('fields are counted from the last parenthesis of the name', () => {
  assert.deepEqual(parseStat(STAT), { runnable: false, userMs: 120, systemMs: 30 });
  assert.equal(parseStat('nonsense'), null);
  assert.equal(parseStat(''), null);
});

test('readings add up to a witness', () => {
  const readings = new ThreadReadings();
  assert.equal(readings.witness(), null);
  assert.equal(readings.cpu(), null);
  readings.add(null);
  readings.add({ atMs: 0, runnable: true, userMs: 100, systemMs: 10 });
  readings.add({ atMs: 50, runnable: true, userMs: 130, systemMs: 10 });
  readings.add({ atMs: 100, runnable: false, userMs: 150, systemMs: 20 });
  assert.deepEqual(readings.witness(), { observedMs: 100, cpuMs: 60, runnable: 2, readings: 3 });
  assert.deepEqual(readings.cpu(), { userMs: 50, systemMs: 10, state: 'running' });
});

test('who sleeps when all is over has not slept meanwhile', () => {
  const readings = new ThreadReadings();
  const seen = { userMs: 0, systemMs: 0 };
  for (let atMs = 0; atMs < 300; atMs += 100) {
    readings.add({ ...seen, atMs, runnable: true, userMs: atMs / 2 });
    readings.end({ ...seen, atMs: atMs + 50, runnable: false, userMs: atMs / 2 + 40 });
  }
  readings.end(null);
  assert.deepEqual(readings.witness(), { observedMs: 250, cpuMs: 140, runnable: 3, readings: 3 });
  assert.equal(readings.cpu()?.state, 'running');
});

test('who has worked most of the time was not asleep, whatever the only reading met', () => {
  const readings = new ThreadReadings();
  readings.add({ atMs: 0, runnable: false, userMs: 100, systemMs: 0 });
  readings.end({ atMs: 60, runnable: false, userMs: 150, systemMs: 0 });
  assert.deepEqual(readings.cpu(), { userMs: 50, systemMs: 0, state: 'running' });
  readings.end({ atMs: 200, runnable: false, userMs: 150, systemMs: 0 });
  assert.equal(readings.cpu()?.state, 'sleeping');
});

test('this thread is seen running where there is a /proc, and not at all elsewhere', () => {
  const reading = new ThreadState(process.platform === 'linux' ? process.pid : null).read();
  if (process.platform === 'linux') assert.equal(reading?.runnable, true);
  else assert.equal(reading, null);
  assert.equal(new ThreadState(999_999_999).read(), null);
});

test('what a thread has given up of its CPU is the sum of both counts', () => {
  const text = 'Name:\tnode\nvoluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t3\n';
  assert.equal(parseSwitches(text), 15);
  assert.equal(parseSwitches('Name:\tnode\n'), null);
});
