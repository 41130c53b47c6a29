/**
 * Sentry gets one event for each block, through every kind of bad weather.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type BlockSettings, blocking, onlyReport, onlyReports } from './harness/block.js';
import type { Scope } from './harness/folder.js';
import { filesIn, recordsIn } from './harness/journal.js';
import { markedLine } from './harness/markers.js';
import { programPath } from './harness/places.js';
import { reportsIn } from './harness/reports.js';
import { type Running, run, start } from './harness/run.js';
import {
  type Answer,
  dsnFor,
  freePort,
  PROJECT,
  PUBLIC_KEY,
  type SentryReceiver,
  sentryReceiver,
} from './harness/sentry-receiver.js';
import { until } from './harness/until.js';

const block = { kind: 'wait', ms: 300 } as const satisfies BlockSettings;

function environment(dsn: string) {
  return { SENTRY_DSN: dsn };
}

/** A program that has blocked and stays up, so that there is all the time to deliver. */
function blockedOnce(scope: Scope, dsn: string, settings: BlockSettings = {}): Running {
  const args = blocking({ ...block, ...settings, end: 'idle' });
  return start(scope, args, { env: environment(dsn), deadlineMs: 40_000 });
}

async function arrived(receiver: SentryReceiver, count: number, running: Running): Promise<void> {
  await until(`${count} envelopes`, () => receiver.arrivals.length >= count, {
    seen: () => [receiver.arrivals.map(({ header }) => header), running.shown()],
  });
}

/** The record is forgotten only once it is taken. */
async function delivered({ journalDir }: Running): Promise<void> {
  await until('the journal is empty', () => filesIn(journalDir).length === 0, {
    seen: () => recordsIn(journalDir),
  });
}

describe('an event', { concurrency: 3 }, () => {
  test('says what blocked, where and for how long', async (t) => {
    const receiver = await sentryReceiver(t);
    const env = { ...environment(receiver.dsn), SENTRY_RELEASE: 'shop@1.2.3', NODE_ENV: 'staging' };
    const ended = await run(t, blocking(block), { env });
    const report = onlyReport(ended);
    assert.deepEqual(receiver.faults, []);
    assert.equal(receiver.arrivals.length, 1);
    const arrival = receiver.arrivals[0];
    assert.ok(arrival !== undefined);
    assert.equal(arrival.method, 'POST');
    assert.equal(arrival.path, `/api/${PROJECT}/envelope/`);
    assert.equal(arrival.headers['content-type'], 'application/x-sentry-envelope');
    assert.match(
      arrival.headers['x-sentry-auth'] as string,
      new RegExp(`sentry_key=${PUBLIC_KEY}`),
    );
    assert.match(arrival.headers['x-sentry-auth'] as string, /sentry_version=7/);
    const { event } = arrival;
    assert.equal(event.event_id, report.block.id);
    assert.equal(arrival.header.event_id, report.block.id);
    assert.equal(event.platform, 'node');
    assert.equal(event.level, 'warning');
    assert.equal(event.environment, 'staging');
    assert.equal(event.release, 'shop@1.2.3');
    const startedAt = Date.parse(report.block.startedAt);
    assert.ok(Math.abs(event.timestamp * 1000 - startedAt - report.block.durationMs) < 5);
    assert.deepEqual(event.fingerprint, [
      'loopwatch',
      'sync-io',
      `${programPath('block.mjs')}:wait`,
    ]);
    assert.equal(event.contexts['event loop']?.duration_ms, report.block.durationMs);

    const [exception, ...more] = event.exception.values;
    assert.deepEqual(more, []);
    assert.equal(exception?.type, 'EventLoopBlocked');
    assert.match(exception?.value ?? '', /wait/);
    assert.doesNotMatch(exception?.value ?? '', /\d ?ms/, 'durations would split the issue');
    assert.deepEqual(exception?.mechanism, { type: 'loopwatch', handled: true });
  });

  test('has its frames oldest first, in_app only for the application, with the lines of code', async (t) => {
    const receiver = await sentryReceiver(t);
    await run(t, blocking(block), { env: environment(receiver.dsn) });
    const frames = receiver.arrivals[0]?.event.exception.values[0]?.stacktrace.frames ?? [];
    const file = programPath('block.mjs');
    const own = frames.filter(({ filename }) => filename === file);
    assert.deepEqual(
      own.map((frame) => frame.function),
      ['block', 'wait'],
    );
    assert.equal(frames[0]?.filename?.startsWith('node:'), true, 'a timer of Node comes first');
    for (const frame of frames) {
      assert.equal(frame.in_app, frame.filename === file, JSON.stringify(frame));
      if (!frame.in_app) assert.equal(frame.context_line, undefined);
    }
    const line = markedLine('block.mjs', 'culprit: wait');
    const source = readFileSync(file, 'utf8').split('\n');
    const culprit = own.at(-1);
    assert.equal(culprit?.lineno, line);
    assert.equal(culprit?.context_line, source[line - 1]);
    assert.deepEqual(culprit?.pre_context, source.slice(line - 6, line - 1));
    assert.deepEqual(culprit?.post_context, source.slice(line, line + 5));
  });

  test('of a hang is one, sent while it lasts', async (t) => {
    const receiver = await sentryReceiver(t);
    const env = { ...environment(receiver.dsn), LOOPWATCH_HANG_MS: '500' };
    const running = start(t, blocking({ ...block, ms: 4000 }), { env });
    await arrived(receiver, 1, running);
    assert.equal(running.stdout, '', 'it still hangs');
    const ended = await running.endInput();
    assert.equal(receiver.arrivals.length, 1);
    const event = receiver.arrivals[0]?.event;
    assert.equal(event?.exception.values[0]?.type, 'EventLoopHang');
    assert.equal(event?.level, 'error');
    assert.deepEqual(
      onlyReports(ended).map((report) => report.block.id),
      [event?.event_id, event?.event_id],
    );
    assert.deepEqual(filesIn(ended.journalDir), []);
  });

  test('comes for each of two blocks, with the same fingerprint and another id', async (t) => {
    const receiver = await sentryReceiver(t);
    const ended = await run(t, blocking({ ...block, times: 2 }), {
      env: environment(receiver.dsn),
    });
    const ids = receiver.arrivals.map(({ event }) => event.event_id);
    assert.deepEqual(
      ids,
      onlyReports(ended).map((report) => report.block.id),
    );
    assert.equal(new Set(ids).size, 2);
    const fingerprints = receiver.arrivals.map(({ event }) => event.fingerprint.join());
    assert.equal(new Set(fingerprints).size, 1);
  });

  test('comes before process.exit in the turn that blocked', async (t) => {
    const receiver = await sentryReceiver(t);
    const ended = await run(t, blocking({ ...block, end: 'exit', code: 3 }), {
      env: { ...environment(receiver.dsn), LOOPWATCH_LOG: 'off' },
    });
    assert.deepEqual([ended.code, ended.stderr], [3, '']);
    assert.equal(receiver.arrivals.length, 1);
    assert.deepEqual(filesIn(ended.journalDir), []);
  });
});

describe('bad weather', { concurrency: 3 }, () => {
  test('a receiver that is not up yet', async (t) => {
    const port = await freePort();
    const running = blockedOnce(t, dsnFor(port));
    await running.says('stderr', /"block":/);
    const [record] = await until('the record waits in the journal', () => {
      const records = recordsIn(running.journalDir);
      return records.length > 0 && records[0]?.ended === true && records;
    });
    const receiver = await sentryReceiver(t, [], port);
    await arrived(receiver, 1, running);
    assert.equal(receiver.arrivals[0]?.event.event_id, record?.id);
    await delivered(running);
    const ended = await running.endInput();
    assert.equal(receiver.arrivals.length, 1);
    assert.equal(reportsIn(ended.stderr).length, 1, 'the log has it once');
  });

  const answers: Readonly<Record<string, readonly Answer[]>> = {
    '500, then 200': [{ status: 500 }],
    '503 with Retry-After, then 200': [{ status: 503, headers: { 'retry-after': '1' } }],
    'a connection that breaks, then 200': ['reset'],
    'no answer, then 200': ['silence'],
    'a 302 that leads nowhere is refused for good': [{ status: 302 }],
  };
  for (const [name, first] of Object.entries(answers)) {
    test(name, async (t) => {
      const receiver = await sentryReceiver(t, first);
      const running = blockedOnce(t, receiver.dsn);
      const expected = name.includes('refused') ? 1 : 2;
      await arrived(receiver, expected, running);
      await delivered(running);
      await running.endInput();
      const ids = receiver.arrivals.map(({ event }) => event.event_id);
      assert.equal(ids.length, expected, 'not once more than needed');
      assert.equal(new Set(ids).size, 1);
    });
  }

  test('429 with Retry-After: 1 is tried again after a second', async (t) => {
    const receiver = await sentryReceiver(t, [{ status: 429, headers: { 'retry-after': '1' } }]);
    const running = blockedOnce(t, receiver.dsn);
    await arrived(receiver, 2, running);
    const [first, second] = receiver.arrivals;
    const waitedMs = (second?.atMs ?? 0) - (first?.atMs ?? 0);
    assert.ok(waitedMs >= 990 && waitedMs < 10_000, `${waitedMs} ms`);
    assert.equal(first?.event.event_id, second?.event.event_id);
    await delivered(running);
    await running.endInput();
  });

  test('429 with Retry-After holds back the next event too', async (t) => {
    const receiver = await sentryReceiver(t, [{ status: 429, headers: { 'retry-after': '3' } }]);
    const running = blockedOnce(t, receiver.dsn, { times: 2, gap: 300 });
    await arrived(receiver, 3, running);
    const [first, second] = receiver.arrivals;
    assert.ok((second?.atMs ?? 0) - (first?.atMs ?? 0) >= 2990);
    const ids = receiver.arrivals.map(({ event }) => event.event_id);
    assert.equal(new Set(ids).size, 2);
    await delivered(running);
    await running.endInput();
  });

  test('413 is tried again smaller', async (t) => {
    const receiver = await sentryReceiver(t, [{ status: 413 }]);
    const running = blockedOnce(t, receiver.dsn);
    await arrived(receiver, 2, running);
    const [first, second] = receiver.arrivals;
    assert.ok((second?.bytes ?? 0) < (first?.bytes ?? 0), `${second?.bytes} of ${first?.bytes}`);
    assert.equal(first?.event.event_id, second?.event.event_id);
    assert.equal(second?.event.exception.values[0]?.type, 'EventLoopBlocked');
    await delivered(running);
    await running.endInput();
  });

  test('400 is no use trying again: it is said, and forgotten', async (t) => {
    const receiver = await sentryReceiver(t, [{ status: 400 }]);
    const running = blockedOnce(t, receiver.dsn);
    await running.says('stderr', /^loopwatch: Sentry refused a report \(HTTP 400\)$/m);
    await delivered(running);
    await running.endInput();
    assert.equal(receiver.arrivals.length, 1);
  });

  test('a DSN that is none is said once, and the log works on', async (t) => {
    const check = async (dsn: string) => {
      const running = blockedOnce(t, dsn, { times: 2 });
      await running.says('stderr', /"block":.*\n.*"block":/s);
      await delivered(running);
      const ended = await running.endInput();
      assert.equal(reportsIn(ended.stderr).length, 2);
      assert.equal(ended.stderr.match(/^loopwatch: .*SENTRY_DSN.*$/gm)?.length, 1, ended.stderr);
    };
    await Promise.all(['nonsense', 'https://example.com/1', 'https://key@example.com/'].map(check));
  });

  test('a receiver that is down at the exit leaves the record in the journal', async (t) => {
    const env = { ...environment(dsnFor(await freePort())), LOOPWATCH_EXIT_FLUSH_MS: '300' };
    const ended = await run(t, blocking({ ...block, end: 'exit', code: 4 }), { env });
    assert.equal(ended.code, 4);
    const [record, ...more] = recordsIn(ended.journalDir);
    assert.deepEqual(more, []);
    assert.equal(record?.ended, true);
  });
});
