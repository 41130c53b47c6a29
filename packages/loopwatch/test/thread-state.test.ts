/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Looks,
  parseStat,
  parseSwitches,
  ThreadState,
} from '#src/watchdog/evidence/kernel/thread-state.js';

const STAT = '7 (a) b (c) S 1 7 7 0 -1 4194304 1 0 0 0 12 3 0 0 20 0 11 0 5 6';

test('fields are counted from the last parenthesis of the name', () => {
  assert.deepEqual(parseStat(STAT), { runnable: false, userMs: 120, systemMs: 30 });
  assert.equal(parseStat('nonsense'), null);
  assert.equal(parseStat(''), null);
});

test('looks add up to a witness', () => {
  const looks = new Looks();
  assert.equal(looks.witness(), null);
  assert.equal(looks.cpu(), null);
  looks.add(null);
  looks.add({ atMs: 0, runnable: true, userMs: 100, systemMs: 10 });
  looks.add({ atMs: 50, runnable: true, userMs: 130, systemMs: 10 });
  looks.add({ atMs: 100, runnable: false, userMs: 150, systemMs: 20 });
  assert.deepEqual(looks.witness(), { observedMs: 100, cpuMs: 60, runnable: 2, looks: 3 });
  assert.deepEqual(looks.cpu(), { userMs: 50, systemMs: 10, state: 'running' });
});

test('who sleeps when all is over has not slept meanwhile', () => {
  const looks = new Looks();
  const seen = { userMs: 0, systemMs: 0 };
  for (let atMs = 0; atMs < 300; atMs += 100) {
    looks.add({ ...seen, atMs, runnable: true, userMs: atMs / 2 });
    looks.end({ ...seen, atMs: atMs + 50, runnable: false, userMs: atMs / 2 + 40 });
  }
  looks.end(null);
  assert.deepEqual(looks.witness(), { observedMs: 250, cpuMs: 140, runnable: 3, looks: 3 });
  assert.equal(looks.cpu()?.state, 'running');
});

test('who has worked most of the time was not asleep, whatever the only look met', () => {
  const looks = new Looks();
  looks.add({ atMs: 0, runnable: false, userMs: 100, systemMs: 0 });
  looks.end({ atMs: 60, runnable: false, userMs: 150, systemMs: 0 });
  assert.deepEqual(looks.cpu(), { userMs: 50, systemMs: 0, state: 'running' });
  looks.end({ atMs: 200, runnable: false, userMs: 150, systemMs: 0 });
  assert.equal(looks.cpu()?.state, 'sleeping');
});

test('this thread is seen running where there is a /proc, and not at all elsewhere', () => {
  const look = new ThreadState(process.platform === 'linux' ? process.pid : null).look();
  if (process.platform === 'linux') assert.equal(look?.runnable, true);
  else assert.equal(look, null);
  assert.equal(new ThreadState(999_999_999).look(), null);
});

test('what a thread has given up of its CPU is the sum of both counts', () => {
  const text = 'Name:\tnode\nvoluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t3\n';
  assert.equal(parseSwitches(text), 15);
  assert.equal(parseSwitches('Name:\tnode\n'), null);
});
