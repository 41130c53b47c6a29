/**
 * Whatever way a program leaves after a block, it leaves as before, and the block is reported. That the
 * default of exitFlushMs is long enough for that is in endings-default.test.ts.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type BlockSettings, blocking, unmissable } from './harness/block.js';
import { temporaryFolder } from './harness/folder.js';
import { gate } from './harness/gate.js';
import { filesIn, recordsIn } from './harness/journal.js';
import { byImport, byRequire, type Preload, unwatched } from './harness/preload.js';
import { logFile, reportsFrom, reportsIn } from './harness/reports.js';
import { run, start } from './harness/run.js';
import { until } from './harness/until.js';

/** More than it takes, also where tests that measure time have nearly all of the CPU. */
const FLUSH_MS = 10_000;

/** The preloads, each with the run that Node's own output must be the same as. */
const pairs: readonly (readonly [Preload, Preload])[] = [
  [byImport(), byImport('data:text/javascript,')],
  [byRequire(), unwatched],
];

const endings: Readonly<Record<string, BlockSettings>> = {
  'process.exit in the turn that blocked': { end: 'exit', code: 3 },
  'process.exit(0) in the turn that blocked': { end: 'exit', code: 0 },
  'an uncaught exception in the turn that blocked': { end: 'throw' },
  'an unhandled rejection in the turn that blocked': { end: 'reject' },
  'the natural end right after a block': { end: 'natural' },
  'process.exit after two blocks': { end: 'exit', code: 5, times: 2, gap: 50 },
  'process.exit after an execFileSync': { kind: 'exec', end: 'exit', code: 6 },
  'the natural end after an execFileSync': { kind: 'exec', end: 'natural' },
};

describe('exit code and stderr stay, and every block is reported once', { concurrency: 3 }, () => {
  for (const [name, settings] of Object.entries(endings)) {
    test(name, async (t) => {
      const same = async ([preload, reference]: readonly [Preload, Preload]) => {
        const log = join(temporaryFolder(t), 'blocks.ndjson');
        const args = blocking({ ...unmissable, ...settings });
        const [plain, ended] = await Promise.all([
          run(t, args, { preload: reference }),
          run(t, args, {
            preload,
            // At this level it also says what it took for no block, and why.
            env: {
              ...{ LOOPWATCH_LOG: log, LOOPWATCH_LOG_LEVEL: 'debug' },
              LOOPWATCH_EXIT_FLUSH_MS: `${FLUSH_MS}`,
            },
          }),
        ]);
        assert.equal(ended.stderr, plain.stderr);
        assert.deepEqual([ended.code, ended.signal], [plain.code, plain.signal]);
        assert.ok(ended.silentMs < FLUSH_MS, `ended ${ended.silentMs} ms after its last word`);
        const reports = reportsFrom(log);
        const said = () => JSON.stringify([logFile(log), recordsIn(ended.journalDir), ended]);
        assert.equal(reports.length, settings.times ?? 1, said());
        for (const { block } of reports) {
          assert.equal(block.ended, true);
          assert.equal(block.culprit?.function, settings.kind ?? 'wait');
        }
        assert.equal(new Set(reports.map(({ block }) => block.id)).size, reports.length);
        assert.deepEqual(filesIn(ended.journalDir), []);
      };
      await Promise.all(pairs.map(same));
    });
  }
});

describe('an exit too early to be delivered', { concurrency: 2 }, () => {
  test('SIGTERM in the turn that blocked leaves the record in the journal', async (t) => {
    const log = join(temporaryFolder(t), 'blocks.ndjson');
    const args = blocking({ ...unmissable, end: 'sigterm' });
    const ended = await run(t, args, { env: { LOOPWATCH_LOG: log } });
    assert.deepEqual([ended.code, ended.signal], [null, 'SIGTERM']);
    assert.equal(ended.stderr, '');
    const [record, ...more] = recordsIn(ended.journalDir);
    assert.deepEqual(more, []);
    assert.equal(record?.culprit?.function, 'wait');
    assert.equal(record?.ended, false);
    assert.deepEqual(reportsFrom(log), []);
  });
});

describe('SIGTERM with handleSigterm', { concurrency: 2 }, () => {
  const env = { LOOPWATCH_HANDLE_SIGTERM: 'true' };

  test('delivers what is on its way, and then ends the process', async (t) => {
    const ingest = await gate(t);
    const args = blocking({ ...unmissable, end: 'idle' });
    const running = start(t, args, { env: { ...env, SENTRY_DSN: ingest.dsn } });
    await until('the request', () => ingest.ids.length > 0, { seen: () => running.shown() });
    running.signal('SIGTERM');
    // It waits for the answer.
    await running.says('stderr', /"block":/);
    assert.equal(running.isOver, false);
    ingest.open();
    const ended = await running.ended;
    assert.deepEqual([ended.code, ended.signal], [null, 'SIGTERM']);
    assert.equal(reportsIn(ended.stderr).length, 1);
    assert.equal(ingest.ids.length, 1);
    assert.deepEqual(filesIn(ended.journalDir), []);
  });

  test('leaves a program that handles it to itself', async (t) => {
    const program = `
      process.on('SIGTERM', () => setTimeout(() => process.exit(9), 50));
      setTimeout(() => {}, 10_000);
      console.log('ready');`;
    const running = start(t, ['-e', program], { env });
    await running.says('stdout', /ready/);
    running.signal('SIGTERM');
    const ended = await running.ended;
    assert.deepEqual([ended.code, ended.signal, ended.stderr], [9, null, '']);
  });
});

describe('a block in an exit handler', () => {
  test('is no block of the loop, and changes nothing', async (t) => {
    const ended = await run(t, [
      '-e',
      `process.exitCode = 8;
       process.on('exit', () => { const end = Date.now() + 500; while (Date.now() < end); });`,
    ]);
    assert.deepEqual([ended.code, ended.stderr], [8, '']);
    assert.deepEqual(filesIn(ended.journalDir), []);
  });
});
