/**
 * The major versions of Sentry's SDK, and the settings of its client, that other tests leave out.
 *
 * @machine timed
 * @run once
 */
import { describe, test } from 'node:test';
import { assertAllIsSent, assertIntegration, assertNotSent } from './harness/sentry-direct.js';
import { testClientOf } from './harness/sentry-sdk.js';

for (const sdk of ['sentry8', 'sentry9', 'sentry10']) {
  testClientOf(sdk);
  describe(`${sdk}, directly`, { concurrency: 2 }, () => {
    test('has the user, tags, breadcrumbs and trace of the request', (t) =>
      assertAllIsSent(t, sdk));
    test('starts loopwatch with its options, and the client sends', (t) =>
      assertIntegration(t, sdk));
  });
}

describe('an event that the client did not get to send is not sent', { concurrency: 2 }, () => {
  test('when it samples it away', (t) => assertNotSent(t, { sampleRate: 0 }));
  test('when it ignores such errors', (t) =>
    assertNotSent(t, { ignore: '^eventloopblocked: .*leave' }));
});
