/**
 * Thresholds that are low or follow the loop's own delays, and many short blocks as one report.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BlockRecord } from 'loopwatch';
import { onlyReports } from './harness/block.js';
import type { Scope } from './harness/folder.js';
import { markedLine } from './harness/markers.js';
import { programPath } from './harness/places.js';
import type { Report } from './harness/reports.js';
import { type Ended, run } from './harness/run.js';

const PROGRAM = 'turns.mjs';

function turns(
  scope: Scope,
  kind: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return run(scope, [programPath(PROGRAM), kind], { env });
}

/** How long all turns of a function took together, as the program measured them, in ms. */
function tookMs({ stdout }: Ended, name: string): number {
  const found = [...stdout.matchAll(/^measured (\w+) (\S+)$/gm)].filter(([, one]) => one === name);
  return found.reduce((sum, [, , ms]) => sum + Number(ms), 0);
}

function sumOf(records: readonly BlockRecord[]): number {
  return records.reduce((sum, { durationMs }) => sum + durationMs, 0);
}

/** The records of short blocks, which must all be of the right ones. */
function cumulativeOf(reports: readonly Report[]): BlockRecord[] {
  const records = reports.map(({ block }) => block).filter(({ kind }) => kind === 'cumulative');
  for (const { culprit, ended, thread } of records) {
    assert.deepEqual(
      [culprit?.function, culprit?.line, ended, thread.name],
      ['cut', markedLine(PROGRAM, 'culprit: cut'), true, 'main'],
    );
  }
  return records;
}

describe('adaptive', { concurrency: 2 }, () => {
  // What it has seen by its first block is its start, on a busy machine full of long turns: too few of them.
  const options = { minSamples: 90, updateMs: 100, multiplier: 5, windowSize: 100 };
  const env = { LOOPWATCH_THRESHOLD_MS: '60', LOOPWATCH_CUMULATIVE: 'false' };

  /** Reports of the turns that are there to be judged; a busy machine may make a usual one long. */
  function judged(ended: Ended): BlockRecord[] {
    assert.equal(ended.code, 0, ended.stderr);
    return onlyReports(ended)
      .map(({ block }) => block)
      .filter(({ culprit }) => culprit?.function !== 'cut');
  }

  test('what is usual is no block, what is unusual still is', async (t) => {
    const ended = await turns(t, 'usual', { ...env, LOOPWATCH_ADAPTIVE: JSON.stringify(options) });
    const [first, long, ...more] = judged(ended);
    assert.deepEqual(more, [], ended.stderr);
    assert.deepEqual([first?.culprit?.function, first?.thresholdMs], ['first', 60]);
    assert.equal(long?.culprit?.function, 'long');
    assert.ok((long?.thresholdMs ?? 0) > 160, `${long?.thresholdMs}`);
    assert.ok((long?.thresholdMs ?? 0) < 900, `${long?.thresholdMs}`);
    const offMs = (long?.durationMs ?? 0) - tookMs(ended, 'long');
    assert.ok(Math.abs(offMs) <= 50, `${offMs}`);
  });

  test('without it all of them are', async (t) => {
    const blocks = judged(await turns(t, 'usual', env));
    assert.deepEqual(
      blocks.map(({ culprit, thresholdMs }) => [culprit?.function, thresholdMs]),
      [
        ['first', 60],
        ['again', 60],
        ['long', 60],
      ],
    );
  });

  test('it never gets over hangMs', async (t) => {
    const adaptive = JSON.stringify({ ...options, multiplier: 1000 });
    const ended = await turns(t, 'usual', {
      ...env,
      LOOPWATCH_HANG_MS: '500',
      LOOPWATCH_ADAPTIVE: adaptive,
    });
    const kinds = judged(ended)
      .filter(({ culprit }) => culprit?.function === 'long')
      .map(({ kind, ended: isOver, thresholdMs }) => [kind, isOver, thresholdMs]);
    assert.deepEqual(kinds.at(-1), ['hang', true, 500], ended.stderr);
  });
});

describe('cumulative', { concurrency: 2 }, () => {
  test('many short blocks are one report of them all', async (t) => {
    const ended = await turns(t, 'cuts', { LOOPWATCH_CUMULATIVE: '{"windowMs":1000}' });
    assert.equal(ended.code, 0, ended.stderr);
    const reports = onlyReports(ended);
    const [record, ...more] = cumulativeOf(reports);
    assert.deepEqual([reports.length, more], [1, []], ended.stderr);
    const sumMs = tookMs(ended, 'cut');
    const durationMs = record?.durationMs ?? 0;
    // A short block in which a beat was hardly late is not seen.
    assert.ok(durationMs > sumMs * 0.6 && durationMs < sumMs * 1.1, `${durationMs} of ${sumMs}`);
    assert.equal(record?.thresholdMs, 200);
    assert.equal(reports[0]?.level, 40);
  });

  test('cumulative: false reports none', async (t) => {
    const ended = await turns(t, 'cuts', { LOOPWATCH_CUMULATIVE: 'false' });
    assert.deepEqual([ended.code, ended.stderr], [0, '']);
  });

  test('cumulative.thresholdMs and windowMs decide', async (t) => {
    const few = { LOOPWATCH_CUMULATIVE: '{"thresholdMs":900,"windowMs":1000}' };
    assert.deepEqual(onlyReports(await turns(t, 'cuts', few)), []);
    assert.deepEqual(onlyReports(await turns(t, 'sparse')), []);
    const strict = { LOOPWATCH_CUMULATIVE: '{"thresholdMs":100,"windowMs":1200}' };
    const ended = await turns(t, 'sparse', strict);
    assert.equal(cumulativeOf(onlyReports(ended)).length, 1, ended.stderr);
  });

  test('a block among them is a report of its own, and counted once', async (t) => {
    const ended = await turns(t, 'mixed');
    assert.equal(ended.code, 0, ended.stderr);
    const reports = onlyReports(ended);
    const records = cumulativeOf(reports);
    assert.ok(records.length === 1 || records.length === 2, ended.stderr);
    const others = reports.map(({ block }) => block).filter(({ kind }) => kind !== 'cumulative');
    assert.deepEqual(
      others.map(({ kind, culprit }) => [kind, culprit?.function]),
      [['block', 'long']],
    );
    const sumMs = tookMs(ended, 'cut');
    assert.ok(sumOf(records) < sumMs * 1.1, `${sumOf(records)} of ${sumMs}`);
    const offMs = sumOf(others) - tookMs(ended, 'long');
    assert.ok(Math.abs(offMs) <= 50, `${offMs}`);
  });

  test('those without end are reported every hangMs', async (t) => {
    const ended = await turns(t, 'endless', { LOOPWATCH_HANG_MS: '1000' });
    assert.equal(ended.code, 0, ended.stderr);
    const reports = onlyReports(ended);
    const records = cumulativeOf(reports);
    assert.equal(records.length, reports.length);
    // One a second, and one for the rest.
    assert.ok(records.length >= 3 && records.length <= 7, `${records.length}`);
    assert.equal(new Set(records.map(({ id }) => id)).size, records.length);
    const sumMs = tookMs(ended, 'cut');
    const reportedMs = sumOf(records);
    assert.ok(reportedMs > sumMs * 0.6 && reportedMs < sumMs * 1.1, `${reportedMs} of ${sumMs}`);
    const starts = records.map(({ startedAt }) => Date.parse(startedAt));
    assert.deepEqual(
      starts,
      starts.toSorted((a, b) => a - b),
    );
  });

  test('those before an exit are reported by it', async (t) => {
    const ended = await turns(t, 'exit');
    assert.equal(ended.code, 3, ended.stderr);
    const reports = onlyReports(ended);
    assert.equal(reports.length, 1, ended.stderr);
    const [record] = cumulativeOf(reports);
    const sumMs = tookMs(ended, 'cut');
    const durationMs = record?.durationMs ?? 0;
    assert.ok(durationMs > sumMs * 0.5 && durationMs < sumMs * 1.1, `${durationMs} of ${sumMs}`);
  });
});
