/** The tests that are made of the cases of dead and living clients. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CONNECTIONS } from './dead-client.js';
import { type DeadClientCase, deadly, living } from './dead-client-cases.js';
import { backends, skipOf, tryDeadly, tryLiving } from './dead-client-trial.js';
import { programPath } from './places.js';
import { unwatched } from './preload.js';
import { run } from './run.js';

/** Connections that come and go: for so long at least, and longer on a busy machine. */
export function testChurn(seconds: number): void {
  for (const backend of backends) {
    test(`no wrong connection is touched, with ${backend}`, async (t) => {
      const args = [programPath('dead-client/churn.mjs'), backend, String(seconds)];
      const { stdout } = await run(t, args, { preload: unwatched, deadlineMs: 60_000 });
      const { served, reported, reaped, wrong, broken } = JSON.parse(
        /^churned (.+)$/m.exec(stdout)?.[1] ?? '{}',
      );
      assert.deepEqual([reported - reaped, wrong, broken], [0, 0, 0], stdout);
      assert.ok(reaped >= 10, stdout);
      assert.ok(served > 1000, stdout);
    });
  }
}

/** Mostly they wait, for the grace to pass. */
const AT_ONCE = 6;

/** One test for each case that is wanted, with both ways to read the kernel. */
export function testCases(isWanted: (one: DeadClientCase) => boolean): void {
  for (const backend of backends) {
    describe(`with ${backend}`, { concurrency: 2 }, () => {
      describe('found', { concurrency: AT_ONCE }, () => {
        for (const one of deadly.filter(isWanted)) {
          test(one.name, { skip: skipOf(one) }, async (t) => {
            const { problems } = await tryDeadly(t, backend, CONNECTIONS, one);
            assert.deepEqual(problems, []);
          });
        }
      });

      describe('left alone', { concurrency: AT_ONCE }, () => {
        for (const one of living.filter(isWanted)) {
          test(one.name, { skip: skipOf(one) }, async (t) => {
            const { problems } = await tryLiving(t, backend, CONNECTIONS, one);
            assert.deepEqual(problems, []);
          });
        }
      });
    });
  }
}
