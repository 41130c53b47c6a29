/** What the options that decide about reports do, however they are chosen. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type BlockSettings, onlyReport, onlyReports } from './block.js';
import { temporaryFolder } from './folder.js';
import { filesIn, recordsIn } from './journal.js';
import { markedLine } from './markers.js';
import { programsFolder } from './places.js';
import { reportsFrom, reportsIn } from './reports.js';
import { sentryReceiver } from './sentry-receiver.js';
import type { Way } from './ways.js';

/** A block that no busy machine can hide or cause: the thread sleeps, and long after the start. */
export const block = { kind: 'wait', ms: 500, delay: 600 } as const satisfies BlockSettings;

export function testOutputOptions(way: Way): void {
  describe(way.name, { concurrency: 2 }, () => {
    describe('log', { concurrency: 2 }, () => {
      test("'off' writes no line anywhere", async (t) => {
        const ended = await way.block(t, { log: 'off' }, block);
        assert.deepEqual([ended.code, ended.stderr], [0, '']);
        assert.deepEqual(filesIn(ended.journalDir), []);
      });

      test('a path is a file of lines that is made and appended to', async (t) => {
        const log = join(temporaryFolder(t), 'new', 'folder', 'blocks.ndjson');
        const first = await way.block(t, { log }, block);
        assert.deepEqual([first.code, first.stderr], [0, '']);
        await way.block(t, { log }, block);
        assert.equal(reportsFrom(log).length, 2);
        assert.equal(readFileSync(log, 'utf8').split('\n').length, 3, 'nothing else is in it');
      });

      test('a relative path belongs to the directory of the start, also after chdir', async (t) => {
        const folder = temporaryFolder(t);
        const log = join('..', 'programs', `${process.pid}-${way.name.length}.log`);
        const here = join(programsFolder, log);
        t.after(() => execFileSync('rm', ['-f', here]));
        const ended = await way.block(t, { log }, { ...block, chdir: folder });
        assert.equal(ended.stderr, '');
        assert.equal(reportsFrom(here).length, 1);
        assert.deepEqual(filesIn(folder), []);
      });

      test('a path that is no file is said once, and the program is left alone', async (t) => {
        const log = temporaryFolder(t);
        const ended = await way.block(t, { log }, { ...block, times: 3 });
        assert.equal(ended.code, 0);
        const lines = ended.stderr.split('\n').filter((line) => line !== '');
        assert.equal(lines.length, 1, ended.stderr);
        assert.match(lines[0] as string, /^loopwatch: the log can't be written/);
      });
    });

    test('logLevel hides what is below it', async (t) => {
      // One process, one block and one hang: a warning, and two errors.
      const settings = { ...block, ms: 700 };
      const levels = async (logLevel: 'warn' | 'error' | 'silent', hangMs: number) => {
        const ended = await way.block(t, { logLevel, hangMs }, settings);
        assert.equal(ended.code, 0);
        return onlyReports(ended).map(({ level }) => level);
      };
      const found = await Promise.all([
        ...[levels('warn', 5000), levels('error', 5000)],
        ...[levels('error', 300), levels('silent', 300)],
      ]);
      assert.deepEqual(found, [[40], [], [50, 50], []]);
    });

    test("logFormat 'pretty' is for people", async (t) => {
      const { stderr } = await way.block(t, { logFormat: 'pretty' }, block);
      const line = markedLine('block.mjs', 'culprit: wait');
      assert.match(stderr, /^loopwatch: event loop blocked \d+ ms in wait \(programs\/block\.mjs:/);
      assert.match(stderr, new RegExp(`^ *> ${line} \\| +Atomics\\.wait`, 'm'));
      assert.match(stderr, /^ +cause +a synchronous call waited/m);
      assert.match(stderr, /id [0-9a-f]{32}$/m);
      assert.equal(stderr.includes('\u001b'), false, 'no colours where there is no terminal');
      assert.deepEqual(reportsIn(stderr), []);
    });

    test("logFormat 'pretty' goes for a file too", async (t) => {
      const log = join(temporaryFolder(t), 'blocks.txt');
      await way.block(t, { logFormat: 'pretty', log }, block);
      assert.match(readFileSync(log, 'utf8'), /^loopwatch: event loop blocked/);
    });

    test("logFormat 'json' is pino's, one line a report", async (t) => {
      const ended = await way.block(t, { logFormat: 'json' }, block);
      const { name, level, time, msg, block: record } = onlyReport(ended);
      assert.deepEqual([name, level], ['loopwatch', 40]);
      assert.ok(Math.abs(time - Date.now()) < 60_000);
      assert.match(msg, /^event loop blocked \d+ ms in wait \(programs\/block\.mjs:\d+\)$/);
      assert.equal(record.schema, 1);
      assert.match(record.id, /^[0-9a-f]{32}$/);
      assert.match(record.startedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.deepEqual(record.thread, { id: 0, name: 'main' });
      assert.equal(record.process.pid > 0, true);
      assert.equal(record.previousProcess, false);
      assert.equal(record.suppressed, 0);
    });

    test("context 'off' names no request, 'on' and 'auto' do", async (t) => {
      for (const context of ['off', 'on', 'auto'] as const) {
        const server = await way.server(t, { context });
        await server.get('/some/path?ms=500');
        const [record] = await server.blocked(1);
        await server.end();
        if (context === 'off') {
          assert.deepEqual([record?.request, record?.delayed], [null, null]);
        } else {
          const { method, path } = record?.request ?? {};
          assert.deepEqual({ method, path }, { method: 'GET', path: '/some/path' }, context);
          assert.deepEqual(record?.delayed, { requests: 0 });
        }
      }
    });

    test('redact replaces in paths, and queries are never there', async (t) => {
      const server = await way.server(t, { redact: ['s3cret', 'token'] });
      await server.get('/user/s3cret/token/s3cret?ms=500&password=hunter2');
      const [record] = await server.blocked(1);
      await server.end();
      assert.equal(record?.request?.path, '/user/[redacted]/[redacted]/[redacted]');
      assert.match(server.running.stderr, /"block":/);
      assert.doesNotMatch(server.running.stderr, /hunter2|s3cret/);
    });

    test("sentry 'off' sends nothing, whatever SENTRY_DSN says", async (t) => {
      const receiver = await sentryReceiver(t);
      const ended = await way.block(t, { sentry: 'off' }, block, {
        env: { SENTRY_DSN: receiver.dsn },
      });
      onlyReport(ended);
      assert.equal(receiver.arrivals.length, 0);
    });

    test('a start-up block that is only logged is not sent to Sentry, one that is reported is', async (t) => {
      const receiver = await sentryReceiver(t);
      const how = { env: { SENTRY_DSN: receiver.dsn } };
      const settings = { ...block, delay: 0, ms: 1500 };
      await way.block(t, { startup: 'log' }, settings, how);
      assert.equal(receiver.arrivals.length, 0);
      await way.block(t, { startup: 'report' }, settings, how);
      assert.equal(receiver.arrivals.length, 1);
    });

    describe('exitFlushMs, with a Sentry that never answers', { concurrency: 2 }, () => {
      const settings = { ...block, end: 'exit', code: 3 } as const;

      test('0 does not wait, and the journal keeps the record', async (t) => {
        const receiver = await sentryReceiver(t, ['silence', 'silence']);
        const how = { env: { SENTRY_DSN: receiver.dsn } };
        const ended = await way.block(t, { exitFlushMs: 0 }, settings, how);
        assert.deepEqual([ended.code, ended.signal], [3, null]);
        assert.ok(ended.silentMs < 1000, `ended ${ended.silentMs} ms after its last word`);
        const [record, ...more] = recordsIn(ended.journalDir);
        assert.equal(record?.culprit?.function, 'wait');
        assert.deepEqual(more, []);
      });

      test('1500 waits that long and no longer', async (t) => {
        const receiver = await sentryReceiver(t, ['silence', 'silence']);
        const how = { env: { SENTRY_DSN: receiver.dsn } };
        const ended = await way.block(t, { exitFlushMs: 1500 }, settings, how);
        assert.deepEqual([ended.code, ended.signal], [3, null]);
        assert.ok(ended.silentMs >= 1400 && ended.silentMs < 3500, `${ended.silentMs} ms`);
        const [record, ...more] = recordsIn(ended.journalDir);
        assert.equal(record?.ended, true);
        assert.deepEqual(more, []);
      });
    });

    test('journalDir is where records are', async (t) => {
      const receiver = await sentryReceiver(t, ['silence', 'silence']);
      const journalDir = join(temporaryFolder(t), 'my', 'journal');
      const options = { journalDir, exitFlushMs: 500 };
      await way.block(t, options, block, { env: { SENTRY_DSN: receiver.dsn } });
      assert.equal(recordsIn(journalDir).length, 1);
    });

    test('a relative journalDir belongs to the directory of the start, also after chdir', async (t) => {
      const receiver = await sentryReceiver(t, ['silence', 'silence']);
      const [cwd, elsewhere] = [temporaryFolder(t), temporaryFolder(t)];
      const journalDir = join('..', 'programs', `${process.pid}-${way.name.length}.journal`);
      const here = join(programsFolder, journalDir);
      t.after(() => execFileSync('rm', ['-rf', here, cwd]));
      await way.block(
        t,
        { journalDir, exitFlushMs: 500 },
        { ...block, chdir: elsewhere },
        {
          env: { SENTRY_DSN: receiver.dsn },
        },
      );
      assert.equal(recordsIn(here).length, 1);
      assert.deepEqual(filesIn(elsewhere), []);
    });
  });
}
