/**
 * Hangs: told while they last, kept up to date in the journal, and ended by 'abort' if that is wanted.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BlockRecord } from 'loopwatch';
import { type BlockSettings, blocking, onceUp, onlyReports } from './harness/block.js';
import { pauseFor } from './harness/devtools.js';
import { recordsIn } from './harness/journal.js';
import { programPath } from './harness/places.js';
import { type LogLine, type Report, reportsIn, separate } from './harness/reports.js';
import { type Running, run, start } from './harness/run.js';
import { until } from './harness/until.js';

/** It takes no CPU, so that no busy machine can change what it is. */
const endless = { kind: 'wait', ms: 60_000 } as const satisfies BlockSettings;

/** The watchdog is up by then, also where others have the CPU. */
const UP_MS = 800;

function blockingWatched(settings: BlockSettings): string[] {
  return blocking({ delay: UP_MS, ...settings });
}

const HANG_MS = 500;
const hanging = { LOOPWATCH_HANG_MS: String(HANG_MS) };
const aborting = { ...hanging, LOOPWATCH_ON_HANG: 'abort' };

const NOTICE = /^loopwatch: the main thread hangs: .*'abort'.*$/m;

/** A hang while it lasts, as it was logged. */
async function announced(running: Running): Promise<Report> {
  return until(
    'a hang that lasts',
    () => {
      const { lines } = separate(running.stderr);
      const isHang = (line: LogLine): line is Report => line.block?.kind === 'hang';
      return lines.find(isHang);
    },
    { seen: () => running.shown() },
  );
}

function assertEndless({ culprit, kind, ended, thread }: BlockRecord): void {
  assert.deepEqual([kind, ended, thread.name, culprit?.function], ['hang', false, 'main', 'wait']);
}

/** The two reports of one hang, and nothing else. */
function assertPair(reports: readonly Report[], leastMs: number): void {
  assert.equal(reports.length, 2);
  const [first, second] = reports.map(({ block }) => block) as [BlockRecord, BlockRecord];
  assert.deepEqual([first.kind, first.ended], ['hang', false]);
  assert.deepEqual([second.kind, second.ended], ['hang', true]);
  assert.equal(first.id, second.id);
  const apartMs = Date.parse(second.startedAt) - Date.parse(first.startedAt);
  assert.ok(Math.abs(apartMs) <= 50, `${apartMs}`);
  assert.ok(first.durationMs >= HANG_MS && first.durationMs < leastMs, `${first.durationMs}`);
  const { durationMs } = second;
  assert.ok(durationMs >= leastMs - 10 && durationMs < leastMs + 300, `${durationMs}`);
}

describe('a hang', { concurrency: 2 }, () => {
  test('is reported while it lasts, and once more with its true length', async (t) => {
    const running = start(t, blockingWatched({ kind: 'wait', ms: 2500 }), { env: hanging });
    assertEndless((await announced(running)).block);
    assert.equal(running.stdout, '', 'it has not ended');
    const ended = await running.endInput();
    assert.equal(ended.code, 0);
    assertPair(onlyReports(ended), 2500);
    assert.deepEqual(recordsIn(ended.journalDir), []);
  });

  test('while the main module loads is closed, too', async (t) => {
    const settings = { kind: 'wait', ms: 2000, delay: 0 } as const;
    const ended = await run(t, blocking(settings), { env: hanging });
    assert.equal(ended.code, 0);
    const reports = onlyReports(ended);
    // Its length includes Node's own start.
    assert.deepEqual(
      reports.map(({ block: { kind, ended: isOver } }) => [kind, isOver]),
      [
        ['hang', false],
        ['hang', true],
      ],
    );
    assert.equal(reports[0]?.block.id, reports[1]?.block.id);
  });

  test("while the main module loads is nothing when 'startup' is ignored", async (t) => {
    const settings = { kind: 'wait', ms: 2000, delay: 0 } as const;
    const env = { ...hanging, LOOPWATCH_STARTUP: 'ignore' };
    const ended = await run(t, blocking(settings), { env });
    assert.deepEqual([ended.code, ended.stderr], [0, '']);
    assert.deepEqual(recordsIn(ended.journalDir), []);
  });

  test('grows in the journal, and what was written last is what a killed process leaves', async (t) => {
    const running = start(t, blockingWatched(endless), { env: hanging });
    const { block } = await announced(running);
    const written: number[] = [];
    await until(
      'three lengths in the journal',
      () => {
        const [record, ...more] = recordsIn(running.journalDir);
        assert.deepEqual(more, [], 'one file for one hang');
        if (record === undefined) return false;
        assertEndless(record);
        assert.equal(record.id, block.id);
        if (record.durationMs !== written.at(-1)) written.push(record.durationMs);
        return written.length >= 3;
      },
      { seen: () => written },
    );
    assert.deepEqual(
      written,
      written.toSorted((a, b) => a - b),
    );
    running.signal('SIGKILL');
    const ended = await running.ended;
    assert.equal(ended.signal, 'SIGKILL');
    const [left, ...more] = recordsIn(ended.journalDir);
    assert.deepEqual(more, []);
    assert.equal(left?.id, block.id);
    assert.ok((left?.durationMs ?? 0) >= (written.at(-1) ?? Number.NaN), `${left?.durationMs}`);
  });
});

describe("onHang: 'abort'", { concurrency: 2 }, () => {
  for (const kind of ['wait', 'busy', 'exec'] as const) {
    test(`ends a process that hangs (${kind}) some time after it was told`, async (t) => {
      const afterMs = 1000;
      const env = { ...aborting, LOOPWATCH_ABORT_AFTER_MS: String(afterMs) };
      const running = start(t, blockingWatched({ ...endless, kind }), { env });
      await running.says('stderr', /^\{.*"kind":"hang".*\}$/m);
      const toldMs = performance.now();
      const ended = await running.ended;
      const waitedMs = performance.now() - toldMs;
      assert.deepEqual([ended.code, ended.signal], [null, 'SIGABRT'], ended.stderr);
      // The line comes when the frames are looked up, the abort is counted from the hang.
      assert.ok(waitedMs >= afterMs - 800 && waitedMs < afterMs + 3000, `${waitedMs}`);
      const { lines, rest } = separate(ended.stderr);
      assert.match(rest, NOTICE);
      assert.equal(rest.trimEnd().split('\n').length, 1, rest);
      const [logged, ...more] = lines;
      assert.deepEqual(more, []);
      const [left, ...others] = recordsIn(ended.journalDir);
      assert.deepEqual(others, []);
      assert.equal(left?.id, logged?.block?.id);
      assert.deepEqual([left?.kind, left?.ended], ['hang', false]);
      // No stack can be had of a call that sleeps in the system before it returns.
      assert.equal(left?.culprit?.function, kind === 'exec' ? undefined : kind);
      assert.equal(left?.cause, kind === 'busy' ? 'javascript' : 'sync-io');
    });
  }

  test('at once leaves the record in the journal', async (t) => {
    const env = { ...aborting, LOOPWATCH_ABORT_AFTER_MS: '0' };
    const ended = await run(t, blockingWatched(endless), { env });
    assert.equal(ended.signal, 'SIGABRT', ended.stderr);
    const [left, ...more] = recordsIn(ended.journalDir);
    assert.deepEqual(more, []);
    assert.ok(left);
    assertEndless(left);
  });

  test('ends one that handles SIGABRT, too', async (t) => {
    const program = `process.on('SIGABRT', () => {}); ${onceUp}(0, () => { for (;;); })`;
    const env = { ...aborting, LOOPWATCH_ABORT_AFTER_MS: '200' };
    const { code, signal } = await run(t, ['-e', program], { env });
    assert.equal(code, null);
    assert.ok(signal === 'SIGKILL' || signal === 'SIGABRT', `${signal}`);
  });

  test('lets one live whose hang ends in time', async (t) => {
    const env = { ...aborting, LOOPWATCH_ABORT_AFTER_MS: '6000' };
    const ended = await run(t, blockingWatched({ kind: 'wait', ms: 2000 }), { env });
    assert.equal(ended.code, 0, ended.stderr);
    assertPair(onlyReports(ended), 2000);
  });

  test('does not count the time in which the process stood still', async (t) => {
    const env = { ...aborting, LOOPWATCH_ABORT_AFTER_MS: '3000' };
    const running = start(t, blockingWatched({ kind: 'wait', ms: 2000 }), { env });
    await announced(running);
    running.signal('SIGSTOP');
    // Longer than the hang and the patience together.
    await sleep(5000);
    running.signal('SIGCONT');
    const ended = await running.endInput();
    assert.deepEqual([ended.code, ended.signal], [0, null], ended.stderr);
  });

  test('does not end one in a pause', async (t) => {
    const env = { ...aborting, LOOPWATCH_ABORT_AFTER_MS: '800' };
    const ended = await run(t, [programPath('scopes.mjs'), 'hangs-then-pauses'], { env });
    assert.deepEqual([ended.code, ended.signal], [0, null], ended.stderr);
  });

  test('does not end one that a debugger has paused', async (t) => {
    const env = { ...aborting, LOOPWATCH_ABORT_AFTER_MS: '200' };
    const flags = ['--inspect=127.0.0.1:0'];
    const running = start(t, [programPath('debugged.mjs')], { env, flags });
    const [url] = await running.says('stderr', /ws:\/\/\S+/);
    await running.says('stdout', /^ready$/m);
    await pauseFor(url, 2500);
    const ended = await running.endInput();
    assert.deepEqual([ended.code, ended.signal], [0, null], ended.stderr);
    const kinds = reportsIn(ended.stderr).map(({ block: { kind, culprit } }) => [
      kind,
      culprit?.function,
    ]);
    assert.deepEqual(kinds, [['block', 'last']]);
  });

  test('does not add up hangs', async (t) => {
    const env = { ...aborting, LOOPWATCH_ABORT_AFTER_MS: '1500' };
    const settings = { kind: 'wait', ms: 1200, times: 4, gap: 100 } as const;
    const ended = await run(t, blockingWatched(settings), { env });
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(onlyReports(ended).length, 8);
  });

  test('leaves a program that does not hang its exit code', async (t) => {
    const env = { ...aborting, LOOPWATCH_ABORT_AFTER_MS: '0' };
    for (const [end, code] of [
      ['exit', 3],
      ['natural', 0],
    ] as const) {
      const settings = { kind: 'wait', ms: 350, end, ...(end === 'exit' ? { code } : {}) } as const;
      const ended = await run(t, blockingWatched(settings), { env });
      assert.deepEqual([ended.code, ended.signal], [code, null], ended.stderr);
      assert.equal(onlyReports(ended).length, 1);
    }
  });

  test('is not the default', async (t) => {
    const env = { ...hanging, LOOPWATCH_ABORT_AFTER_MS: '0' };
    const ended = await run(t, blockingWatched({ kind: 'wait', ms: 2000 }), { env });
    assert.equal(ended.code, 0, ended.stderr);
    assertPair(onlyReports(ended), 2000);
  });
});
