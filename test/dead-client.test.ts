/**
 * Dead clients: connections of real processes, each case ten at once, with both ways to read the kernel.
 *
 * @machine waiting
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CONNECTIONS } from './harness/dead-client.js';
import { deadly, living } from './harness/dead-client-cases.js';
import { backends, skipOf, tryDeadly, tryLiving } from './harness/dead-client-trial.js';

for (const backend of backends) {
  describe(`with ${backend}, found`, { concurrency: 4 }, () => {
    for (const one of deadly) {
      test(one.name, { skip: skipOf(one) }, async (t) => {
        const { problems } = await tryDeadly(t, backend, CONNECTIONS, one);
        assert.deepEqual(problems, []);
      });
    }
  });

  describe(`with ${backend}, left alone`, { concurrency: 4 }, () => {
    for (const one of living) {
      test(one.name, { skip: skipOf(one) }, async (t) => {
        const { problems } = await tryLiving(t, backend, CONNECTIONS, one);
        assert.deepEqual(problems, []);
      });
    }
  });
}
