/**
 * Worker threads are watched like the main thread, and live and die as they do unwatched. Those that
 * compute are in workers-busy.test.ts.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { onlyReports } from './harness/block.js';
import { recordsIn } from './harness/journal.js';
import { programPath } from './harness/places.js';
import { byImport, byNodeOptions } from './harness/preload.js';
import { type RunOptions, start } from './harness/run.js';
import {
  assertDying,
  assertMain,
  assertPainter,
  heard,
  PROGRAM,
  records,
  threads,
} from './harness/threads.js';

describe('a worker that blocks', { concurrency: 3 }, () => {
  for (const [name, preload] of [
    ['--import', byImport()],
    ['NODE_OPTIONS with --import', byNodeOptions('--import')],
    ['NODE_OPTIONS with --require', byNodeOptions('--require')],
  ] as const) {
    test(`is reported once, by its name, and the main thread hears of it: ${name}`, async (t) => {
      const ended = await threads(t, 'one', { preload });
      const [record, ...more] = records(ended);
      assert.deepEqual(more, []);
      assertPainter(record, 400);
      assert.deepEqual(heard(ended), [record]);
      assert.deepEqual(recordsIn(ended.journalDir), []);
    });
  }

  test('beside a main thread that blocks: each is reported for itself', async (t) => {
    const both = records(await threads(t, 'both'));
    assert.equal(both.length, 2);
    assertPainter(
      both.find(({ thread }) => thread.id > 0),
      600,
    );
    assertMain(
      both.find(({ thread }) => thread.id === 0),
      600,
    );
  });

  test('with a line break in its name is reported', async (t) => {
    const [record, ...more] = records(await threads(t, 'named'));
    assert.deepEqual(more, []);
    assertPainter(record, 400, 'two\nlines');
  });

  test('for long is a hang, told while it lasts and when it has ended', async (t) => {
    const options = { env: { LOOPWATCH_HANG_MS: '500' } };
    const running = start(t, [programPath(PROGRAM), 'hang'], options);
    await running.says('stderr', /^\{.*"kind":"hang".*\}$/m);
    const [lasting] = onlyReports(running);
    assert.deepEqual([lasting?.block.kind, lasting?.block.ended], ['hang', false]);
    const [first, second, ...more] = records(await running.endInput());
    assert.deepEqual(more, []);
    assert.deepEqual([second?.kind, second?.ended], ['hang', true]);
    assert.equal(first?.id, second?.id);
    assert.equal(first?.thread.name, 'painter');
    assertPainter(second, 2500);
  });

  test('is reported when the main thread exits meanwhile, and the exit code stays', async (t) => {
    const options = { env: { LOOPWATCH_STARTUP: 'report' } };
    const ended = await threads(t, 'leaving', options);
    assert.deepEqual([ended.code, ended.signal], [4, null], ended.stderr);
    const reports = onlyReports(ended).filter(({ block }) => block.thread.id > 0);
    assert.equal(reports.length, 1, ended.stderr);
    const { thread, culprit, ended: isOver } = (reports[0] as (typeof reports)[number]).block;
    assert.deepEqual([thread.name, culprit?.function, isOver], ['painter', 'paint', true]);
  });
});

describe('a worker that is not watched', { concurrency: 3 }, () => {
  const kinds: Readonly<Record<string, readonly [string, RunOptions]>> = {
    'workers: false in the environment': ['both', { env: { LOOPWATCH_WORKERS: 'false' } }],
    'workers: false in code': [
      'both',
      {
        preload: byImport(
          'loopwatch/register',
          "data:text/javascript,import { isMainThread } from 'node:worker_threads'; import { createRequire } from 'node:module'; if (isMainThread) createRequire(process.cwd() + '/x.cjs')('loopwatch').start({ workers: false });",
        ),
      },
    ],
    'it inherits nothing': ['apart', {}],
    'it inherits nothing, and NODE_OPTIONS': ['apart', { preload: byNodeOptions('--import') }],
  };
  for (const [name, [kind, options]] of Object.entries(kinds)) {
    test(`is not reported, and the main thread is: ${name}`, async (t) => {
      const [record, ...more] = records(await threads(t, kind, options));
      assert.deepEqual(more, []);
      assertMain(record, 600);
    });
  }
});

describe('workers that die while they block', { concurrency: 3 }, () => {
  for (const kind of ['terminate', 'exit', 'throw']) {
    test(`${kind}: as unwatched, and reported`, (t) => assertDying(t, kind));
  }
});
