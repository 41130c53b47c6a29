/**
 * With an SDK in the program, its client sends: what it knows is there, what it drops stays dropped.
 *
 * @machine timed
 * @run one-release
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onceUp } from './harness/block.js';
import { reportsIn } from './harness/reports.js';
import { start } from './harness/run.js';
import { sentryReceiver } from './harness/sentry-receiver.js';
import { eventsOf, testClientOf } from './harness/sentry-sdk.js';

testClientOf('sentry11');

test('an exit in the turn that blocked leaves it to loopwatch, as little as there can be', async (t) => {
  const receiver = await sentryReceiver(t);
  const env = { APP_DSN: receiver.dsn };
  const program = `
    const Sentry = require('sentry10');
    Sentry.init({ dsn: process.env.APP_DSN, beforeSend: (event) => event });
    function leave() { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400); process.exit(3); }
    ${onceUp}(400, () => { Sentry.setUser({ id: 'secret' }); leave(); });`;
  const running = start(t, ['-e', program], { env });
  const ended = await running.endInput();
  assert.equal(ended.code, 3);
  const reports = reportsIn(ended.stderr).filter(
    ({ block }) => block.culprit?.function === 'leave',
  );
  assert.equal(reports.length, 1, ended.stderr);
  const [event, ...more] = eventsOf(receiver, reports[0]?.block.id ?? '');
  assert.deepEqual(more, []);
  assert.equal((event as unknown as { user?: object } | undefined)?.user, undefined);
  assert.ok(event !== undefined, 'sent');
});
