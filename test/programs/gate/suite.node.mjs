import { after, afterEach, before, beforeEach, describe, mock, test } from 'node:test';
import { allowBlocking, measure, noBlocking } from 'loopwatch/node-test';
import { define } from './cases.cjs';

/** Tests of node:test run at the same time where their suite says so. */
function concurrently(body) {
  describe('at the same time', { concurrency: true }, () => body(test));
}

// Called while its file is being loaded, which is no excuse.
await test('awaited by its module', async (t) => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
  // Finds that it is a part of this one by where it is called.
  await test('by its import', async () => {});
  await t.test('imports a module', () => import('./slow-module.mjs'));
});

define({
  ...{ test, describe, beforeEach, afterEach, measure, allowBlocking, noBlocking },
  beforeAll: before,
  afterAll: after,
  concurrently,
  callback: (name, body) => test(name, (_t, done) => body(done)),
  fake() {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] });
    return { advance: (ms) => mock.timers.tick(ms), restore: () => mock.timers.reset() };
  },
});

test('subtests', async (t) => {
  await t.test('the part is blamed', () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
  });
});
