/**
 * Events that go past the program's Sentry client: with all it knows, and as it would have sent them.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import sentryTestkit from 'sentry-testkit';
import type { Scope } from './harness/folder.js';
import { recordsIn } from './harness/journal.js';
import { programPath } from './harness/places.js';
import { unwatched } from './harness/preload.js';
import { proxy } from './harness/proxy.js';
import { reportsIn } from './harness/reports.js';
import { type Ended, start } from './harness/run.js';
import { CERTIFICATE, freePort, sentryReceiver } from './harness/sentry-receiver.js';
import { until } from './harness/until.js';

const SDKS = ['sentry8', 'sentry9', 'sentry10', 'sentry11'] as const;
const PROGRAM = programPath('sentry-direct.cjs');

interface App {
  /** `-` for no SDK. */
  readonly sdk?: string;
  /** The options of the SDK. */
  readonly init?: object;
  readonly env?: Readonly<Record<string, string>>;
}

/** A program that blocks and exits in the same turn. */
async function leaving(scope: Scope, { sdk = 'sentry10', init = {}, env = {} }: App) {
  const all = { APP_SENTRY: JSON.stringify(init), LOOPWATCH_EXIT_FLUSH_MS: '5000', ...env };
  const ended = await start(scope, [PROGRAM, sdk], { env: all }).ended;
  assert.equal(ended.code, 3, ended.stderr);
  return ended;
}

function idOf({ stderr }: Ended): string {
  const found = reportsIn(stderr).filter(({ block }) => block.culprit?.function === 'leave');
  assert.equal(found.length, 1, stderr);
  return found[0]?.block.id ?? '';
}

describe('an event that the client did not get to send', { concurrency: 2 }, () => {
  for (const sdk of SDKS) {
    test(`${sdk}: has the user, tags, breadcrumbs and trace of the request`, async (t) => {
      const { testkit, localServer } = sentryTestkit();
      await localServer.start('http://key@127.0.0.1/42');
      t.after(() => localServer.stop());
      const init = {
        dsn: localServer.getDsn(),
        release: 'shop@7',
        dist: 'b1',
        environment: 'till',
      };
      const ended = await leaving(t, { sdk, init });
      await until('it has come', () => testkit.reports().length > 0);
      const [report, ...more] = testkit.reports();
      assert.deepEqual(more, []);
      assert.equal(report?.originalReport.event_id, idOf(ended));
      assert.equal(report?.release, 'shop@7');
      assert.equal(report?.user?.id, 'user-7');
      assert.equal(report?.tags.shop, 'north');
      assert.equal(report?.tags['loopwatch.kind'], 'block');
      assert.match(report?.error?.message ?? '', /^Event loop blocked in leave/);
      const crumbs = report?.breadcrumbs.map(({ message, data }) => ({ message, data }));
      assert.deepEqual(crumbs?.at(-1), { message: 'added a chair', data: undefined });
      const {
        contexts,
        dist,
        environment,
        debug_meta: meta,
        sdk: by,
      } = report?.originalReport ?? {};
      const [, trace] = /^trace (\w+)$/m.exec(ended.stdout) ?? [];
      assert.equal(contexts?.trace?.trace_id, trace);
      assert.deepEqual([dist, environment, by?.name], ['b1', 'till', 'loopwatch']);
      const image = { debug_id: '9d1f6a52-1a2b-4c3d-8e4f-5a6b7c8d9e0f', code_file: PROGRAM };
      assert.deepEqual(meta?.images, [{ type: 'sourcemap', ...image }]);
      const [file] = report?.attachments ?? [];
      assert.equal(file?.filename, 'loopwatch-block.json');
      assert.equal(JSON.parse(file?.text ?? '').id, idOf(ended));
    });
  }

  for (const [name, init] of [
    ['is disabled', { enabled: false }],
    ['samples it away', { sampleRate: 0 }],
    ['ignores such errors', { ignore: '^eventloopblocked: .*leave' }],
  ] as const) {
    test(`is not sent when the client ${name}`, async (t) => {
      const receiver = await sentryReceiver(t);
      const env = { SENTRY_DSN: receiver.dsn };
      const ended = await leaving(t, { init: { dsn: receiver.dsn, ...init }, env });
      assert.ok(idOf(ended), 'the log has it');
      assert.deepEqual([receiver.arrivals, receiver.faults], [[], []]);
      assert.deepEqual(recordsIn(ended.journalDir), []);
    });
  }
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
    const env = { LOOPWATCH_EXIT_FLUSH_MS: '500' };
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
  const program = programPath('sentry-integration.cjs');

  for (const sdk of SDKS) {
    test(`${sdk}: starts loopwatch with its options, and the client sends`, async (t) => {
      const { dsn, arrivals } = await sentryReceiver(t);
      const env = { APP_DSN: dsn, APP_BLOCK_MS: '400', APP_LOOPWATCH: '{"thresholdMs":200}' };
      const running = start(t, [program, sdk], { env, preload: unwatched });
      // An SDK that reads the machine's facts for its first event may block the loop, too.
      const ours = () =>
        arrivals.filter(({ event }) => event.exception.values[0]?.value.includes('in checkout'));
      const done = () => ours().length > 0 && recordsIn(running.journalDir).length === 0;
      await until('it has come, and is acknowledged', done, { seen: () => running.shown() });
      const ended = await running.endInput();
      assert.equal(ended.code, 0);
      const [arrival, ...more] = ours();
      assert.deepEqual(more, []);
      const event = arrival?.event as unknown as { user?: object; sdk?: { name: string } };
      assert.equal(arrival?.event.tags['loopwatch.kind'], 'block');
      assert.deepEqual(event.user, { id: 'user-7' });
      assert.match(event.sdk?.name ?? '', /^sentry\./);
      assert.ok('loopwatch-block.json' in (arrival?.files ?? {}));
    });
  }

  test('adds its options to those of a preload', async (t) => {
    const { dsn, arrivals } = await sentryReceiver(t);
    const env = { APP_DSN: dsn, APP_BLOCK_MS: '300', APP_LOOPWATCH: '{"thresholdMs":1000}' };
    const running = start(t, [program, 'sentry10'], { env });
    await running.says('stdout', /initialised/);
    assert.deepEqual([(await running.endInput()).code, arrivals], [0, []]);
  });

  test('with a bad option is one line on stderr, and the program runs on', async (t) => {
    const { dsn, arrivals } = await sentryReceiver(t);
    const env = { APP_DSN: dsn, APP_BLOCK_MS: '300', APP_LOOPWATCH: '{"thresholdMs":-1}' };
    const running = start(t, [program, 'sentry10'], { env, preload: unwatched });
    await running.says('stdout', /initialised/);
    const ended = await running.endInput();
    assert.equal(ended.code, 0);
    assert.match(ended.stderr, /^loopwatch: .*thresholdMs.*; this process is not watched\n$/);
    assert.deepEqual(arrivals, []);
  });
});
