/**
 * Worker threads are watched like the main thread, and live and die as they do unwatched.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BlockRecord } from 'loopwatch';
import { onlyReports } from './harness/block.js';
import type { Scope } from './harness/folder.js';
import { recordsIn } from './harness/journal.js';
import { markedLine } from './harness/markers.js';
import { programPath } from './harness/places.js';
import { byImport, byNodeOptions, unwatched } from './harness/preload.js';
import { separate } from './harness/reports.js';
import { type Ended, type RunOptions, run, start } from './harness/run.js';

const PROGRAM = 'threads.mjs';

function threads(scope: Scope, kind: string, options?: RunOptions): Promise<Ended> {
  return run(scope, [programPath(PROGRAM), kind], options);
}

/** What a run wrote besides reports and what it heard of them. */
function said({ code, signal, stdout, stderr }: Ended): object {
  const without = stdout.replaceAll(/^heard .*\n/gm, '');
  return { code, signal, stdout: without, stderr: separate(stderr).rest };
}

function heard({ stdout }: Ended): BlockRecord[] {
  return [...stdout.matchAll(/^heard (.+)$/gm)].map(([, json]) => JSON.parse(json as string));
}

/** The records of a process that ended well and wrote nothing else to stderr. */
function records(ended: Ended): BlockRecord[] {
  assert.deepEqual([ended.code, ended.signal], [0, null], ended.stderr);
  return onlyReports(ended).map(({ block }) => block);
}

function assertPainter(record: BlockRecord | undefined, ms: number, name = 'painter'): void {
  assert.ok(record, 'a report');
  const { thread, culprit, durationMs } = record;
  assert.ok(thread.id > 0, `thread ${thread.id}`);
  assert.deepEqual(
    [thread.name, culprit?.function, culprit?.line, culprit?.file],
    [name, 'paint', markedLine(PROGRAM, 'culprit: worker'), programPath(PROGRAM)],
  );
  assert.ok(durationMs >= ms - 10 && durationMs < ms + 200, `${durationMs}`);
}

function assertMain(record: BlockRecord | undefined, ms: number): void {
  const { thread, culprit, durationMs = 0 } = record ?? {};
  assert.deepEqual(
    [thread, culprit?.function, culprit?.line],
    [{ id: 0, name: 'main' }, 'plan', markedLine(PROGRAM, 'culprit: main')],
  );
  assert.ok(durationMs >= ms - 10 && durationMs < ms + 200, `${durationMs}`);
}

describe('a worker that blocks', { concurrency: 2 }, () => {
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

  test('beside a main thread in a native call is at least told of', async (t) => {
    // Its stack can only be had through the main thread; that it computed, the kernel says.
    const found = records(await threads(t, 'native'));
    assert.equal(found.length, 2);
    assert.ok(found.some(({ thread }) => thread.name === 'main'));
    // Before Node 22.20 a worker can't tell its name, and its number stands for it.
    assert.ok(found.some(({ thread }) => /^(painter|worker \d+)$/.test(thread.name)));
  });

  test('with a line break in its name is reported', async (t) => {
    const [record, ...more] = records(await threads(t, 'named'));
    assert.deepEqual(more, []);
    assertPainter(record, 400, 'two\nlines');
  });

  test('in a pool of piscina: the function of the task is named', async (t) => {
    const found = records(await run(t, [programPath('piscina-blocks.mjs')]));
    // Threads that wait for work do so in Atomics.wait, and block nobody.
    assert.deepEqual(
      found.map(({ culprit }) => [culprit?.function, culprit?.line]),
      [['resize', markedLine('piscina-blocks-task.mjs')]],
    );
    const [record] = found;
    assert.ok((record?.thread.id ?? 0) > 0);
    const durationMs = record?.durationMs ?? 0;
    // The loop of such a thread does not turn between two tasks: its samples give the duration.
    assert.ok(durationMs >= 400 && durationMs < 700, `${durationMs}`);
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

describe('a worker that is not watched', { concurrency: 2 }, () => {
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

describe('workers that die while they block', { concurrency: 2 }, () => {
  for (const kind of ['terminate', 'spin', 'exit', 'throw']) {
    test(`${kind}: as unwatched, and reported`, async (t) => {
      const plain = await threads(t, kind, { preload: unwatched });
      const watched = await threads(t, kind);
      assert.deepEqual(said(watched), said(plain));
      assert.equal(plain.code, 0);
      const found = onlyReports(watched).map(({ block }) => block);
      const names = found.map(({ thread }) => thread.name);
      assert.deepEqual(names, ['painter 1', 'painter 2', 'painter 3', 'painter 4']);
      for (const { culprit, ended } of found) {
        assert.deepEqual([culprit?.function, ended], [kind === 'spin' ? 'compute' : 'paint', true]);
      }
    });
  }
});

for (const [kind, how] of [
  ['many', 'by and by'],
  ['storm', 'at once'],
] as const) {
  test(`of 64 workers that start ${how}, those 8 that block are reported`, async (t) => {
    const options = { deadlineMs: 90_000 };
    const plain = await threads(t, kind, { ...options, preload: unwatched });
    const watched = await threads(t, kind, options);
    assert.deepEqual(said(watched), said(plain));
    const reports = onlyReports(watched);
    const told = reports.map(({ msg }) => msg).join('\n');
    const names = reports.map(({ block }) => block.thread.name);
    const expected = Array.from({ length: 8 }, (_, index) => `w${index * 8 + 3}`);
    assert.deepEqual(names.toSorted(), expected.toSorted(), told);
    for (const { block } of reports) assertPainter(block, 600, block.thread.name);
  });
}
