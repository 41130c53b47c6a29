/**
 * What the options that decide about reports do, chosen in code and in the environment.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { type BlockSettings, blocking, onlyReport, onlyReports } from './harness/block.js';
import { cleanEnvironment } from './harness/environment.js';
import { temporaryFolder } from './harness/folder.js';
import { filesIn, recordsIn } from './harness/journal.js';
import { markedLine } from './harness/markers.js';
import { node, programsFolder } from './harness/places.js';
import { logFile, reportsFrom, reportsIn } from './harness/reports.js';
import { run } from './harness/run.js';
import { sentryReceiver } from './harness/sentry-receiver.js';
import { startServer } from './harness/server.js';
import { until } from './harness/until.js';
import { variables, ways } from './harness/ways.js';

const block = { kind: 'wait', ms: 300 } as const satisfies BlockSettings;

for (const way of ways) {
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
      assert.deepEqual(await levels('warn', 5000), [40]);
      assert.deepEqual(await levels('error', 5000), []);
      assert.deepEqual(await levels('error', 300), [50, 50]);
      assert.deepEqual(await levels('silent', 300), []);
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
        await server.get('/some/path?ms=300');
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
      await server.get('/user/s3cret/token/s3cret?ms=300&password=hunter2');
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
      const settings = { ...block, delay: 0, ms: 600 };
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

describe('other forms', { concurrency: 2 }, () => {
  test('redact takes patterns in code, global or not', async (t) => {
    const server = await startServer(t, { options: '{ redact: [/\\d{4,}/, /KEY/gi] }' });
    await server.get('/card/4111111111111111/year/2026/key/kEy/no/12?ms=300');
    const [record] = await server.blocked(1);
    await server.end();
    assert.equal(
      record?.request?.path,
      '/card/[redacted]/year/[redacted]/[redacted]/[redacted]/no/12',
    );
  });

  test("logLevel 'debug' tells of late beats that were no blocks", async (t) => {
    const log = join(temporaryFolder(t), 'log.ndjson');
    const server = await startServer(t, {
      env: variables({ log, logLevel: 'debug', logFormat: 'json' }),
    });
    await server.get('/first?ms=400');
    await until('the first block is delivered', () => {
      return (
        reportsFrom(log).some(({ level }) => level === 40) &&
        filesIn(server.running.journalDir).length === 0
      );
    });
    server.running.signal('SIGSTOP');
    await sleep(700);
    server.running.signal('SIGCONT');
    const line = await until(
      'the late beat is logged',
      () => logFile(log).find(({ unconfirmed }) => unconfirmed?.reason === 'suspended'),
      { seen: () => [logFile(log).map(({ msg }) => msg), server.running.shown()] },
    );
    assert.equal(line.level, 20);
    assert.match(line.msg, /^late beat of \d+ ms was no block: suspended$/);
    await server.end();
  });

  test('a terminal gets the pretty form, in colour', {
    skip: existsSync('/usr/bin/script') ? false : 'needs script(1)',
  }, (t) => {
    const folder = temporaryFolder(t);
    const runner = join(folder, 'run.sh');
    const command = [node, '--import', 'loopwatch/register', ...blocking(block)];
    writeFileSync(runner, `exec ${command.map((word) => `'${word}'`).join(' ')}\n`);
    const { stdout } = spawnSync('script', ['-qec', `sh '${runner}'`, '/dev/null'], {
      cwd: programsFolder,
      encoding: 'utf8',
      env: cleanEnvironment({ LOOPWATCH_JOURNAL_DIR: folder, TERM: 'xterm', NO_COLOR: undefined }),
      timeout: 20_000,
    });
    assert.match(stripVTControlCharacters(stdout), /^loopwatch: event loop blocked/m);
    assert.ok(stdout.includes('\u001b['), JSON.stringify(stdout));
    assert.deepEqual(reportsIn(stdout), []);
  });

  test('the default journal folder is of this user alone', async (t) => {
    // TMPDIR moves the temp folder of the system, so that the real one is left alone.
    const receiver = await sentryReceiver(t, ['silence', 'silence']);
    const folder = temporaryFolder(t);
    const env = {
      TMPDIR: folder,
      LOOPWATCH_JOURNAL_DIR: undefined,
      LOOPWATCH_EXIT_FLUSH_MS: '500',
      SENTRY_DSN: receiver.dsn,
    };
    await run(t, blocking(block), { env });
    const name = `loopwatch-${process.getuid?.() ?? 'user'}`;
    assert.deepEqual(filesIn(folder), [name]);
    assert.equal(recordsIn(join(folder, name)).length, 1);
  });
});
