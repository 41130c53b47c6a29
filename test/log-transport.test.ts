/**
 * Log lines through the user's pino transports: all of them, whatever the transport does.
 *
 * @machine timed
 * @run one-release
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { blocking, onceUp, onlyReports } from './harness/block.js';
import { temporaryFolder } from './harness/folder.js';
import { filesIn, recordsIn } from './harness/journal.js';
import {
  assertDelivered,
  assertSaysOnce,
  block,
  blocked,
  newFile,
  target,
  textOf,
} from './harness/log-transport.js';
import { programPath, programsFolder, registerUrl } from './harness/places.js';
import { byImport, unwatched } from './harness/preload.js';
import { reportsFrom, reportsIn, separate } from './harness/reports.js';
import { run, start } from './harness/run.js';
import { startServer } from './harness/server.js';
import { until } from './harness/until.js';
import { literal, variables, ways } from './harness/ways.js';

for (const way of ways) {
  test(`${way.name}: pino/file gets the line, and stderr nothing`, async (t) => {
    const file = newFile(t);
    const logTransport = { target: 'pino/file', options: { destination: file } };
    const ended = await way.block(t, { logTransport }, block);
    assert.deepEqual([ended.code, ended.stderr], [0, '']);
    const [report, ...more] = reportsFrom(file);
    assert.deepEqual([report?.level, report?.name, more], [40, 'loopwatch', []]);
    assert.equal(report?.block.culprit?.function, 'wait');
    assert.deepEqual(filesIn(ended.journalDir), []);
  });
}

describe('targets', { concurrency: 3 }, () => {
  test('a module of the application, by a path relative to the main script', async (t) => {
    const file = newFile(t);
    const how = { cwd: temporaryFolder(t), preload: byImport(registerUrl) };
    const ended = await blocked(t, { target, options: { file } }, block, how);
    assert.equal(ended.stderr, '');
    assert.equal(reportsFrom(file).length, 1);
  });

  test('a package that only the application has, under its environment', async (t) => {
    const project = temporaryFolder(t);
    const folder = join(project, 'node_modules', 'own-target');
    mkdirSync(folder, { recursive: true });
    cpSync(programPath('lib/log-target.mjs'), join(folder, 'index.mjs'));
    writeFileSync(join(folder, 'package.json'), '{ "name": "own-target", "main": "index.mjs" }');
    const file = newFile(t);
    const env = {
      TARGET_SAYS: 'hello',
      LOOPWATCH_LOG_TRANSPORT: JSON.stringify({
        target: 'own-target',
        options: { kind: 'environment', file },
      }),
    };
    const program = `${onceUp}(100, () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300))`;
    const preload = byImport(registerUrl);
    const ended = await run(t, ['-e', program], { cwd: project, preload, env });
    assert.equal(ended.stderr, '');
    assert.equal(textOf(file), 'hello\n');
  });

  test('pino-pretty writes to stderr, and stdout stays the program’s', async (t) => {
    const ended = await blocked(t, { target: 'pino-pretty', options: { colorize: false } });
    assert.match(ended.stdout, /^measured \S+\n$/);
    assert.match(ended.stderr, /WARN \(loopwatch\/\d+\): event loop blocked \d+ ms in wait/);
    assert.deepEqual(filesIn(ended.journalDir), []);
  });

  test('several, each from a level of its own', async (t) => {
    const [all, errors] = [newFile(t), newFile(t)];
    const targets = [
      { target: 'pino/file', options: { destination: all } },
      { target, options: { file: errors }, level: 'error' as const },
    ];
    const how = { env: { LOOPWATCH_HANG_MS: '400' } };
    const ended = await blocked(t, { targets }, { kind: 'wait', ms: 900 }, how);
    assert.equal(ended.stderr, '');
    assert.deepEqual(
      [all, errors].map((file) => reportsFrom(file).map(({ level }) => level)),
      [
        [50, 50],
        [50, 50],
      ],
    );
    const again = await blocked(t, targets, block);
    assert.equal(again.stderr, '');
    assert.deepEqual(
      [all, errors].map((file) => reportsFrom(file).length),
      [3, 2],
    );
  });

  test('the end of the watch waits for a slow one', async (t) => {
    const file = newFile(t);
    const steps = [
      `start:${JSON.stringify({ logTransport: { target, options: { kind: 'slow', file } } })}`,
      ...['up', 'block:300', 'sleep:50', 'stop', 'say:after'],
    ];
    const ended = await run(t, [programPath('steps.mjs'), ...steps], { preload: unwatched });
    assert.deepEqual([ended.code, ended.stderr], [0, '']);
    assert.equal(reportsFrom(file).length, 1);
    assert.deepEqual(filesIn(ended.journalDir), []);
  });
});

test('redaction applies', async (t) => {
  const file = newFile(t);
  const logTransport = { target: 'pino/file', options: { destination: file } };
  const server = await startServer(t, {
    preload: unwatched,
    options: literal({ logTransport, redact: ['s3cret'] }),
  });
  await server.get('/user/s3cret?ms=300&password=hunter2');
  await server.blocked(1);
  await server.end();
  assert.equal(reportsFrom(file)[0]?.block.request?.path, '/user/[redacted]');
  assert.doesNotMatch(textOf(file), /s3cret|hunter2/);
});

test('another start() takes another transport, and the first has what it was given', async (t) => {
  const files = [newFile(t), newFile(t)] as const;
  const starts = files.map((file) => {
    const logTransport = { target, options: { kind: 'slow', file } };
    return `start:${JSON.stringify({ logTransport })}`;
  });
  const steps = [starts[0], 'up', 'block:300', 'sleep:100', starts[1], 'block:300', 'stop'];
  const args = [programPath('steps.mjs'), ...(steps as string[])];
  const ended = await run(t, args, { preload: unwatched });
  assert.deepEqual([ended.code, ended.stderr], [0, '']);
  const reports = files.map((file) => reportsFrom(file));
  assert.equal(reports.flat().length, 2);
  assert.ok((reports[1] as object[]).length > 0);
  assert.deepEqual(filesIn(ended.journalDir), []);
});

describe('no line is lost', { concurrency: 3 }, () => {
  test('several reports as the process exits', async (t) => {
    const file = newFile(t);
    const transport = { target, options: { kind: 'slow', file } };
    const settings = { ...block, ms: 200, times: 3, gap: 30, end: 'exit' } as const;
    const env = { LOOPWATCH_EXIT_FLUSH_MS: '5000' };
    const ended = await blocked(t, transport, settings, { env });
    assert.equal(ended.stderr, '');
    const ids = reportsFrom(file).map((report) => report.block.id);
    assert.deepEqual([ids.length, new Set(ids).size], [3, 3]);
    assert.deepEqual(filesIn(ended.journalDir), []);
  });

  // A target that is not slow is in log-transport-others.test.ts.
  for (const end of ['exit', 'natural', 'throw'] as const) {
    test(`slow target, ${end} in the turn that blocked`, (t) => assertDelivered(t, 'slow', end));
  }

  test('SIGKILL while it is written: the next start delivers it', async (t) => {
    const journalDir = join(temporaryFolder(t), 'journal');
    const file = newFile(t);
    const env = (kind: string) => ({
      LOOPWATCH_JOURNAL_DIR: journalDir,
      LOOPWATCH_LOG_TRANSPORT: JSON.stringify({ target, options: { kind, file } }),
    });
    const killed = start(t, blocking({ ...block, end: 'idle' }), { env: env('spins') });
    await until('the record is journalled', () => recordsIn(journalDir).some((one) => one.ended));
    killed.signal('SIGKILL');
    await killed.ended;
    const [left] = recordsIn(journalDir);
    const next = start(t, blocking({ kind: 'wait', ms: 1, end: 'idle' }), { env: env('good') });
    const [report] = await until('the next delivers it', () => {
      const found = reportsFrom(file);
      return found.length > 0 && filesIn(journalDir).length === 0 ? found : undefined;
    });
    await next.endInput();
    assert.equal(report?.block.id, left?.id);
    assert.equal(report?.block.previousProcess, true);
    assert.equal(reportsFrom(file).length, 1);
  });
});

describe('a transport that fails says so once, and log has the line', { concurrency: 3 }, () => {
  // The other ways are in log-transport-others.test.ts.
  for (const kind of ['throws', 'exits', 'swallows'] as const) {
    test(kind, (t) => assertSaysOnce(t, kind));
  }

  test('a target that is not there', async (t) => {
    const ended = await blocked(t, [{ target: 'no-such-target' }]);
    const { lines, rest } = separate(ended.stderr);
    assert.equal(lines.length, 1);
    assert.match(rest, /^loopwatch: the log transport no-such-target failed: there is no such mod/);
  });

  test('one of two: log has the line for it, the other has it itself', async (t) => {
    const file = newFile(t);
    const good = { target, options: { file } };
    const ended = await blocked(t, [{ target: 'no-such-target' }, good]);
    assert.equal(reportsIn(ended.stderr).length, 1);
    assert.equal(reportsFrom(file).length, 1);
  });

  test("with log: 'off' the journal keeps it", async (t) => {
    const env = variables({ log: 'off' });
    const ended = await blocked(t, { target: 'no-such-target' }, block, { env });
    assert.deepEqual(onlyReports({ stderr: ended.stderr.replace(/^loopwatch: .*\n/, '') }), []);
    assert.equal(recordsIn(ended.journalDir).length, 1);
  });
});

test('a target of the folder of the start, when the main script has no such file', async (t) => {
  const file = newFile(t);
  const cwd = temporaryFolder(t);
  cpSync(join(programsFolder, 'lib', 'log-target.mjs'), join(cwd, 'mine.mjs'));
  const preload = byImport(registerUrl);
  const ended = await blocked(t, { target: './mine.mjs', options: { file } }, block, {
    cwd,
    preload,
  });
  assert.equal(ended.stderr, '');
  assert.equal(reportsFrom(file).length, 1);
});
