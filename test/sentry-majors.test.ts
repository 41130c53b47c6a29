/**
 * The major versions of Sentry's SDK that sentry-sdk.test.ts and sentry-direct.test.ts leave out.
 *
 * @machine timed
 * @run once
 */
import { describe, test } from 'node:test';
import { assertAllIsSent, assertIntegration } from './harness/sentry-direct.js';
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
