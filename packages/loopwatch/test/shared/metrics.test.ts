/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DURATION_BOUNDS, Metrics, OTHER, Routes } from '#src/shared/metrics/metrics.js';
import type { BlockRecord, RequestInfo } from '#src/shared/record/record.js';
import { recordOf } from '../record.fixture.js';

function requestTo(route: string | null): RequestInfo {
  return { id: null, method: 'GET', route, path: '/x', startedAt: '2026-01-02T03:04:05.000Z' };
}

function totalsOf(...records: BlockRecord[]) {
  const metrics = new Metrics();
  for (const record of records) metrics.addBlock(record);
  return metrics.totals();
}

test('blocks are counted by kind, cause and route', () => {
  const { blocks, hangs, delayedRequests } = totalsOf(
    recordOf(),
    recordOf(),
    recordOf({ cause: 'gc' }),
    recordOf({ request: null }),
    recordOf({ request: requestTo(null), delayed: null }),
    recordOf({ kind: 'cumulative' }),
  );
  assert.deepEqual(blocks, [
    { kind: 'block', cause: 'javascript', route: '/report/:id', count: 2 },
    { kind: 'block', cause: 'gc', route: '/report/:id', count: 1 },
    { kind: 'block', cause: 'javascript', route: '', count: 2 },
    { kind: 'cumulative', cause: 'javascript', route: '/report/:id', count: 1 },
  ]);
  assert.equal(hangs, 0);
  assert.equal(delayedRequests, 5 * 12);
});

test('a hang is counted once: as a hang while it lasts, as a block when it has ended', () => {
  const open = recordOf({ kind: 'hang', ended: false, durationMs: 5000 });
  const ended = recordOf({ kind: 'hang', durationMs: 7000 });
  const during = totalsOf(open);
  assert.deepEqual([during.hangs, during.blocks, during.delayedRequests], [1, [], 0]);
  const after = totalsOf(open, ended);
  assert.equal(after.hangs, 1);
  assert.deepEqual(after.blocks, [
    { kind: 'hang', cause: 'javascript', route: '/report/:id', count: 1 },
  ]);
  assert.equal(after.durations.sumSeconds, 7);
  assert.equal(totalsOf(ended).hangs, 1, 'one that was only heard of at its end');
});

test('hangs of different threads are told apart', () => {
  const one = recordOf({ kind: 'hang', ended: false, id: '1'.repeat(32) });
  const two = recordOf({ kind: 'hang', ended: false, id: '2'.repeat(32) });
  const ends = [one, two].map((record) => ({ ...record, ended: true }));
  assert.equal(totalsOf(one, two, ...ends).hangs, 2);
});

test('each duration is in the first bucket whose bound it does not exceed', () => {
  const { durations } = totalsOf(
    ...[50, 50.1, 100, 999, 1000, 60_000, 60_001, 9e6].map((ms) => recordOf({ durationMs: ms })),
  );
  assert.deepEqual(durations.counts, [1, 2, 0, 0, 2, 0, 0, 0, 0, 1, 2]);
});

test('the sum of short blocks is no duration', () => {
  const { durations } = totalsOf(recordOf({ kind: 'cumulative', durationMs: 900 }));
  assert.equal(durations.sumSeconds, 0);
  assert.ok(durations.counts.every((count) => count === 0));
});

test('every ended block is in one bucket, whatever its duration', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e9, noNaN: true })), (list) => {
      const { durations } = totalsOf(...list.map((durationMs) => recordOf({ durationMs })));
      assert.equal(durations.counts.length, DURATION_BOUNDS.length + 1);
      assert.equal(
        durations.counts.reduce((sum, count) => sum + count, 0),
        list.length,
      );
    }),
  );
});

test('late beats that were no blocks are counted by reason, those that never came as 0', () => {
  const metrics = new Metrics();
  const thread = { id: 0, name: 'main' };
  const event = {
    reason: 'starved',
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 200,
    thread,
    pressure: null,
  } as const;
  metrics.addUnconfirmed(event);
  metrics.addUnconfirmed(event);
  assert.deepEqual(metrics.totals().unconfirmed, {
    ...{ suspended: 0, starved: 2, debugger: 0, paused: 0, exiting: 0 },
  });
});

test('the 101st route is another one, those before it keep their names', () => {
  const routes = new Routes();
  for (let id = 1; id <= 100; id++) assert.equal(routes.label(`/${id}`), `/${id}`);
  assert.equal(routes.label('/101'), OTHER);
  assert.equal(routes.label('/100'), '/100');
  assert.equal(routes.label(null), '');
  assert.equal(routes.label('x'.repeat(1000)), OTHER);
  assert.equal(new Routes().label('x'.repeat(1000)).length, 200);
});

test('however many routes there are, the series are bounded', () => {
  const records = Array.from({ length: 5000 }, (_, id) =>
    recordOf({ request: requestTo(`/${id}`) }),
  );
  const { blocks } = totalsOf(...records);
  assert.equal(blocks.length, 101);
  assert.equal(blocks.find(({ route }) => route === OTHER)?.count, 4900);
});

test('totals do not change with what comes later', () => {
  const metrics = new Metrics();
  const before = metrics.totals();
  metrics.addBlock(recordOf());
  assert.deepEqual(before.blocks, []);
  assert.ok(before.durations.counts.every((count) => count === 0));
});
