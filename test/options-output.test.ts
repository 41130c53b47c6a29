/**
 * What the options that decide about reports do, chosen in the environment;
 * options-more.test.ts has the same, chosen in code.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { blocking } from './harness/block.js';
import { cleanEnvironment } from './harness/environment.js';
import { temporaryFolder } from './harness/folder.js';
import { filesIn, recordsIn } from './harness/journal.js';
import { block, testOutputOptions } from './harness/options-output.js';
import { node, programsFolder } from './harness/places.js';
import { logFile, reportsFrom, reportsIn } from './harness/reports.js';
import { run } from './harness/run.js';
import { sentryReceiver } from './harness/sentry-receiver.js';
import { startServer } from './harness/server.js';
import { until } from './harness/until.js';
import { inEnvironment, variables } from './harness/ways.js';

testOutputOptions(inEnvironment);

describe('other forms', { concurrency: 3 }, () => {
  test('redact takes patterns in code, global or not', async (t) => {
    const server = await startServer(t, { options: '{ redact: [/\\d{4,}/, /KEY/gi] }' });
    await server.get('/card/4111111111111111/year/2026/key/kEy/no/12?ms=500');
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
