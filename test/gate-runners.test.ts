/**
 * The test gate under the runners that gate.test.ts leaves out, and in all the ways to lose its watchdog.
 *
 * @machine quiet
 * @run once
 */
import { describe, test } from 'node:test';
import {
  afterwards,
  assertKilled,
  assertNeverThere,
  assertOff,
  assertServerIsBlamed,
  assertThreads,
  assertVerdicts,
  assertWrittenLine,
} from './harness/gate-duties.js';
import { nodeMajor } from './harness/places.js';
import { jest30, mocha11, otherRunners, otherVitests, vitest4 } from './harness/runners.js';
import type { Runner } from './harness/test-project.js';

const runsHere = ({ since = 20 }: Runner) => nodeMajor >= since;

describe('the gate', { concurrency: 2 }, () => {
  for (const runner of otherRunners.filter(runsHere)) {
    test(`${runner.name}: each test gets its verdict, and blocked ones fail`, (t) =>
      assertVerdicts(t, runner));
    for (const then of afterwards) {
      test(`${runner.name}: killed half-way, then only ${then} tests: never green`, (t) =>
        assertKilled(t, runner, then));
    }
  }

  // Those after which the test is short are in gate.test.ts.
  for (const runner of [vitest4, jest30, mocha11]) {
    test(`${runner.name}: killed half-way, then only long tests: never green`, (t) =>
      assertKilled(t, runner, 'long'));
  }

  for (const runner of [vitest4, mocha11]) {
    test(`${runner.name}: a test fails whose request has blocked a watched server`, (t) =>
      assertServerIsBlamed(t, runner));
  }

  for (const vitest of [vitest4, ...otherVitests.filter(runsHere)]) {
    test(`${vitest.name}: off: changes nothing`, (t) => assertOff(t, vitest));
    test(`${vitest.name}: never there: nothing is green`, (t) => assertNeverThere(t, vitest));
  }

  for (const vitest of otherVitests.filter(runsHere)) {
    test(`${vitest.name}: compiled code: the line is the one that was written`, (t) =>
      assertWrittenLine(t, vitest));
    test(`${vitest.name}: worker threads are told from processes`, (t) => assertThreads(t, vitest));
  }
});
