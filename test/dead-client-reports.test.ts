/**
 * Reports of dead clients: through the journal, to the log and to Sentry, none lost and none twice.
 *
 * @machine waiting
 * @run one-release
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Scope, temporaryFolder } from './harness/folder.js';
import { filesIn } from './harness/journal.js';
import { programPath } from './harness/places.js';
import { logFile } from './harness/reports.js';
import { type Running, start } from './harness/run.js';
import { dsnFor, freePort, sentryReceiver } from './harness/sentry-receiver.js';
import { until } from './harness/until.js';

interface App {
  /** Default: none. */
  readonly sdk?: string;
  readonly init?: object;
  readonly end?: 'idle' | 'exit';
  readonly env?: Readonly<Record<string, string>>;
}

interface Reporting {
  readonly running: Running;
  readonly id: string;
  /** Reports in its log. */
  dead(): readonly NonNullable<ReturnType<typeof logFile>[number]['deadClient']>[];
}

function reporting(t: Scope, { sdk = '-', init = {}, end = 'idle', env = {} }: App): Reporting {
  const id = randomBytes(16).toString('hex');
  const log = join(temporaryFolder(t), 'log.ndjson');
  const running = start(t, [programPath('dead-client/publishes.cjs'), sdk, end], {
    env: {
      ...{ APP_ID: id, APP_SENTRY: JSON.stringify(init) },
      ...{ LOOPWATCH_LOG: log, LOOPWATCH_EXIT_FLUSH_MS: '5000', ...env },
    },
  });
  return { running, id, dead: () => logFile(log).flatMap(({ deadClient }) => deadClient ?? []) };
}

/** Waits until it is logged and nobody wants it any more. */
async function settled({ running, dead }: Reporting): Promise<void> {
  const seen = () => [dead(), filesIn(running.journalDir), running.shown()];
  await until('a log line', () => dead().length > 0, { seen });
  await until('an empty journal', () => filesIn(running.journalDir).length === 0, { seen });
}

describe('a dead client', { concurrency: 4 }, () => {
  test('is sent to Sentry by the DSN alone', async (t) => {
    const receiver = await sentryReceiver(t);
    const env = { SENTRY_DSN: receiver.dsn, SENTRY_ENVIRONMENT: 'till' };
    const app = reporting(t, { env });
    await settled(app);
    assert.deepEqual(receiver.faults, []);
    const [arrival, ...more] = receiver.arrivals;
    assert.deepEqual(more, []);
    assert.equal(arrival?.event.event_id, app.id);
    assert.equal(arrival?.event.environment, 'till');
    assert.deepEqual(arrival?.event.fingerprint, ['loopwatch', 'dead-client', 'zero-window']);
    assert.equal(arrival?.event.tags['loopwatch.kind'], 'dead-client');
    assert.deepEqual(arrival?.event.contexts['dead client']?.meta, { session: 'a17' });
    const [report, ...others] = app.dead();
    assert.deepEqual(others, []);
    assert.equal(report?.id, app.id);
    assert.equal(app.running.stderr, '');
  });

  test('is not lost when the process exits in the same turn', async (t) => {
    const receiver = await sentryReceiver(t);
    const app = reporting(t, { end: 'exit', env: { SENTRY_DSN: receiver.dsn } });
    const { code, journalDir } = await app.running.ended;
    assert.equal(code, 3);
    assert.deepEqual(
      app.dead().map(({ id }) => id),
      [app.id],
    );
    assert.deepEqual(
      receiver.arrivals.map(({ event }) => event.event_id),
      [app.id],
    );
    assert.deepEqual(filesIn(journalDir), []);
  });

  test('is sent by the next process when this one is killed before Sentry has it', async (t) => {
    const port = await freePort();
    const env = { SENTRY_DSN: dsnFor(port) };
    const killed = reporting(t, { env });
    const { journalDir } = killed.running;
    const waits = () =>
      filesIn(journalDir).some((name) => name.endsWith(`${killed.id}.sentry.json`));
    await until('only Sentry wants it', waits, { seen: () => filesIn(journalDir) });
    killed.running.signal('SIGKILL');
    await killed.running.ended;

    const receiver = await sentryReceiver(t, [], port);
    const next = reporting(t, { env: { ...env, LOOPWATCH_JOURNAL_DIR: journalDir } });
    await settled(next);
    const sent = receiver.arrivals.map(({ event }) => event.event_id);
    assert.deepEqual(sent.sort(), [killed.id, next.id].sort());
    const found = receiver.arrivals.find(({ event }) => event.event_id === killed.id);
    assert.equal(found?.event.contexts['dead client']?.previousProcess, true);
    const logged = [...killed.dead(), ...next.dead()].map(({ id }) => id);
    assert.deepEqual(logged, [killed.id, next.id], 'each once in the log');
  });
});

describe('a dead client of a program with a Sentry SDK', { concurrency: 4 }, () => {
  for (const sdk of ['sentry8', 'sentry10']) {
    test(`${sdk}: its client sends it, once`, async (t) => {
      const receiver = await sentryReceiver(t);
      const app = reporting(t, { sdk, init: { dsn: receiver.dsn, release: 'shop@7' } });
      await settled(app);
      const events = receiver.arrivals.flatMap(({ event }) => {
        return event?.event_id === app.id
          ? [event as typeof event & { sdk?: { name: string } }]
          : [];
      });
      assert.equal(events.length, 1);
      assert.match(events[0]?.sdk?.name ?? '', /^sentry\./);
      assert.equal(events[0]?.release, 'shop@7');
    });
  }

  test('what its client drops stays dropped', async (t) => {
    const receiver = await sentryReceiver(t);
    const app = reporting(t, { sdk: 'sentry10', init: { dsn: receiver.dsn, drops: true } });
    await settled(app);
    await app.running.endInput();
    assert.deepEqual(
      receiver.arrivals.filter(({ event }) => event?.event_id === app.id),
      [],
    );
  });

  test('is sent past its client when the process exits in the same turn', async (t) => {
    const receiver = await sentryReceiver(t);
    const init = { dsn: receiver.dsn, release: 'shop@7' };
    const app = reporting(t, { sdk: 'sentry10', init, end: 'exit' });
    assert.equal((await app.running.ended).code, 3);
    const events = receiver.arrivals.filter(({ event }) => event?.event_id === app.id);
    assert.deepEqual(
      events.map(({ event }) => event.release),
      ['shop@7'],
    );
    assert.equal(app.dead().length, 1);
  });
});
