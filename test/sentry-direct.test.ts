/**
 * Events that go past the program's Sentry client: with all it knows, and as it would have sent them.
 *
 * @machine timed
 * @run once
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { recordsIn } from './harness/journal.js';
import { programPath } from './harness/places.js';
import { unwatched } from './harness/preload.js';
import { proxy } from './harness/proxy.js';
import { start } from './harness/run.js';
import {
  assertAllIsSent,
  assertIntegration,
  assertNotSent,
  INTEGRATION,
  idOf,
  leaving,
} from './harness/sentry-direct.js';
import { CERTIFICATE, freePort, sentryReceiver } from './harness/sentry-receiver.js';
import { until } from './harness/until.js';

describe('an event that the client did not get to send', { concurrency: 2 }, () => {
  test('sentry11: has the user, tags, breadcrumbs and trace of the request', (t) =>
    assertAllIsSent(t, 'sentry11'));

  // Other ways to refuse it are in sentry-majors.test.ts.
  test('is not sent when the client is disabled', (t) => assertNotSent(t, { enabled: false }));
});

describe('the way to Sentry', { concurrency: 2 }, () => {
  const NOWHERE = 'http://key@sentry.invalid/42';

  test("leads through the client's tunnel", async (t) => {
    const { port, arrivals } = await sentryReceiver(t);
    const tunnel = `http://127.0.0.1:${port}/monitoring?o=1`;
    const ended = await leaving(t, { init: { dsn: NOWHERE, tunnel } });
    const [arrival, ...more] = arrivals;
    assert.deepEqual(more, []);
    assert.equal(arrival?.path, '/monitoring?o=1');
    assert.deepEqual([arrival?.header.dsn, arrival?.header.event_id], [NOWHERE, idOf(ended)]);
  });

  test('leads through SENTRY_TUNNEL without an SDK', async (t) => {
    const { port, arrivals } = await sentryReceiver(t);
    const tunnel = `http://127.0.0.1:${port}/tunnel`;
    const env = { SENTRY_DSN: NOWHERE, SENTRY_TUNNEL: tunnel, SENTRY_DIST: 'b2' };
    await leaving(t, { sdk: '-', env });
    assert.deepEqual(
      arrivals.map(({ path, event }) => [path, (event as { dist?: string }).dist]),
      [['/tunnel', 'b2']],
    );
  });

  for (const [name, tls] of [
    ['http', false],
    ['https', true],
  ] as const) {
    test(`leads through the proxy of the environment: ${name}`, async (t) => {
      const { url, goals } = await proxy(t);
      const { dsn, port, arrivals } = await sentryReceiver(t, [], 0, { tls });
      const env = { [`${name}_proxy`]: url, NODE_EXTRA_CA_CERTS: CERTIFICATE, SENTRY_DSN: dsn };
      await leaving(t, { sdk: '-', env });
      assert.deepEqual(goals, [`127.0.0.1:${port}`]);
      assert.equal(arrivals.length, 1);
    });
  }

  test('does not, where no_proxy says so', async (t) => {
    const { url, goals } = await proxy(t);
    const { dsn, arrivals } = await sentryReceiver(t);
    const env = { HTTP_PROXY: url, no_proxy: 'example.com,127.0.0.1', SENTRY_DSN: dsn };
    await leaving(t, { sdk: '-', env });
    assert.deepEqual([goals, arrivals.length], [[], 1]);
  });

  test("trusts the client's certificate authorities", async (t) => {
    const { dsn, arrivals } = await sentryReceiver(t, [], 0, { tls: true });
    await leaving(t, { init: { dsn, caFile: CERTIFICATE } });
    assert.equal(arrivals.length, 1);
  });

  test('trusts no others, and keeps what it can not send', async (t) => {
    const { dsn, arrivals } = await sentryReceiver(t, [], 0, { tls: true });
    const env = { LOOPWATCH_EXIT_FLUSH_MS: '2000' };
    const ended = await leaving(t, { init: { dsn }, env });
    assert.equal(arrivals.length, 0);
    assert.deepEqual(
      recordsIn(ended.journalDir).map(({ id }) => id),
      [idOf(ended)],
    );
  });

  test('is not there with a proxy that is no URL: said once, and the program goes on', async (t) => {
    const { dsn } = await sentryReceiver(t);
    const env = { http_proxy: 'http://[nonsense', SENTRY_DSN: dsn };
    const { stderr } = await leaving(t, { sdk: '-', env });
    assert.equal(stderr.match(/^loopwatch: nothing can be sent to Sentry: /gm)?.length, 1, stderr);
  });
});

describe('what a killed process has left', () => {
  test('goes to its own project, with its own release', async (t) => {
    const [port, theirs] = [await freePort(), await sentryReceiver(t)];
    const init = { dsn: `http://key@127.0.0.1:${port}/7`, release: 'shop@7' };
    const env = { LOOPWATCH_EXIT_FLUSH_MS: '0' };
    const ended = await leaving(t, { init, env });
    const ours = await sentryReceiver(t, [], port);
    const next = start(t, [programPath('listens.mjs')], {
      env: { SENTRY_DSN: theirs.dsn, LOOPWATCH_JOURNAL_DIR: ended.journalDir },
    });
    await until('it has come', () => ours.arrivals.length > 0, { seen: () => next.shown() });
    await next.endInput();
    const [{ event } = { event: null }] = ours.arrivals;
    assert.equal(event?.release, 'shop@7');
    assert.equal((event as unknown as { user?: { id?: string } })?.user?.id, 'user-7');
    assert.equal(event?.contexts['event loop']?.previous_process, true);
    const ids = theirs.arrivals.map((arrival) => arrival.header.event_id);
    assert.ok(!ids.includes(event?.event_id ?? ''), 'it has blocks of its own');
  });
});

describe('loopwatchIntegration', { concurrency: 2 }, () => {
  test('sentry11: starts loopwatch with its options, and the client sends', (t) =>
    assertIntegration(t, 'sentry11'));

  test('adds its options to those of a preload', async (t) => {
    const { dsn, arrivals } = await sentryReceiver(t);
    const env = { APP_DSN: dsn, APP_BLOCK_MS: '300', APP_LOOPWATCH: '{"thresholdMs":1000}' };
    const running = start(t, [INTEGRATION, 'sentry10'], { env });
    await running.says('stdout', /initialised/);
    assert.deepEqual([(await running.endInput()).code, arrivals], [0, []]);
  });

  test('with a bad option is one line on stderr, and the program runs on', async (t) => {
    const { dsn, arrivals } = await sentryReceiver(t);
    const env = { APP_DSN: dsn, APP_BLOCK_MS: '300', APP_LOOPWATCH: '{"thresholdMs":-1}' };
    const running = start(t, [INTEGRATION, 'sentry10'], { env, preload: unwatched });
    await running.says('stdout', /initialised/);
    const ended = await running.endInput();
    assert.equal(ended.code, 0);
    assert.match(ended.stderr, /^loopwatch: .*thresholdMs.*; this process is not watched\n$/);
    assert.deepEqual(arrivals, []);
  });
});
