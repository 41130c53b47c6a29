/**
 * What is taken of the reports of dead clients.
 *
 * @machine pure
 */
import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { DeadClients } from '#src/main/partners/dead-clients.js';
import { formatEntry, parseEntry } from '#src/shared/journal/journal-entry.js';
import {
  type DeadClient,
  deadClientFrom,
  WATCHED_SOCKETS_CHANNEL,
  waitedForFrom,
} from '#src/shared/record/dead-client.js';
import { plainTarget } from '#src/shared/sentry/sentry.js';
import { deadClientEvent } from '#src/shared/sentry/sentry-event.js';
import { problemOf } from '#src/watchdog/delivery/caps.js';
import { recordOf } from '../record.fixture.js';

const published = {
  id: '00112233445566778899aabbccddeeff',
  detectedAt: '2026-11-21T15:00:00.000Z',
  cause: 'zero-window',
  message: 'client 10.0.0.1:5000 does not read any more',
  stallMs: 30_000,
};

const found = deadClientFrom(published) as DeadClient;

test('what is no report is left alone', () => {
  for (const message of [
    null,
    undefined,
    7,
    {},
    { ...published, id: 1 },
    { ...published, message: null },
  ]) {
    assert.equal(deadClientFrom(message), null);
  }
});

test('meta is taken as it can be written down', () => {
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  for (const [meta, expected] of [
    [{ session: 'a', close: () => {} }, { session: 'a' }],
    [undefined, null],
    [cyclic, null],
    [() => {}, null],
    [10n, null],
    ['x'.repeat(10_000), null],
  ]) {
    assert.deepEqual(deadClientFrom({ ...published, meta })?.meta, expected);
  }
});

test('those of one cause are one issue of Sentry', () => {
  const event = deadClientEvent(found) as Record<string, unknown>;
  assert.equal(event.event_id, found.id);
  assert.equal(event.message, found.message);
  assert.equal(event.timestamp, Date.parse(found.detectedAt) / 1000);
  assert.deepEqual(event.fingerprint, ['loopwatch', 'dead-client', 'zero-window']);
});

test('the least of an event has no address, no meta and nothing of the scope', () => {
  const scope = { user: { id: 'u' }, tags: { shop: 'n' }, breadcrumbs: [], transaction: null };
  const full = JSON.stringify(deadClientEvent(found, { detail: 'full', scope }));
  const least = JSON.stringify(deadClientEvent(found, { detail: 'minimal', scope }));
  for (const text of ['10.0.0.1', '"shop"', '"u"']) {
    assert.ok(full.includes(text), text);
    assert.ok(!least.includes(text), text);
  }
});

test('a report comes back from the journal as it went in, and nothing else does', () => {
  const record = { ...found, process: recordOf().process };
  const parcel = { target: plainTarget('d'), detail: 'full', scope: null, debugIds: null } as const;
  for (const parcels of [{}, { sentry: parcel }]) {
    assert.deepEqual(parseEntry(formatEntry({ record, parcels })), { record, parcels });
  }
  for (const change of [{ id: '../x' }, { process: null }, { kind: 'block' }, { cause: 7 }]) {
    assert.equal(parseEntry(JSON.stringify({ ...record, ...change })), null);
  }
});

test('those of one cause are one problem, apart from all blocks', () => {
  assert.equal(problemOf(found), problemOf({ ...found, id: 'b' }));
  assert.notEqual(problemOf(found), problemOf({ ...found, cause: 'unreachable' }));
});

test('connections that something waits for are taken as far as anyone would read them', () => {
  const one = { remote: '::1:5', queuedBytes: 1, pendingBytes: 2, stallMs: 3, cause: null };
  const all = Array.from({ length: 300 }, () => ({ ...one, meta: () => {} }));
  const taken = waitedForFrom([() => all]);
  assert.equal(taken.length, 100);
  assert.deepEqual(taken[0], { ...one, meta: null });
  const throws = () => {
    throw new Error('closed');
  };
  for (const waiting of [undefined, null, () => null, throws]) {
    assert.deepEqual(waitedForFrom([waiting]), []);
  }
});

test('those of several watchdogs come in one list, the longest stalls first', () => {
  const one = { remote: '::1:5', queuedBytes: 1, pendingBytes: 2, cause: null, meta: null };
  const given = [[7, 3], [5]].map((stalls) => stalls.map((stallMs) => ({ ...one, stallMs })));
  const taken = waitedForFrom(given.map((list) => () => list));
  assert.deepEqual(
    taken.map(({ stallMs }) => stallMs),
    [7, 5, 3],
  );
});

test('the sockets of all watchdogs of a program are counted together', (t) => {
  const counts: number[] = [];
  const clients = new DeadClients({ found() {}, watched: (count) => counts.push(count) });
  t.after(() => clients.stop());
  const told = channel(WATCHED_SOCKETS_CHANNEL);
  const one = { remote: '::1:5', queuedBytes: 1, pendingBytes: 2, cause: null, meta: null };
  const [first, second] = [Symbol('first'), Symbol('second')];
  told.publish({ watchdog: first, count: 3, waiting: () => [{ ...one, stallMs: 1 }] });
  told.publish({ watchdog: second, count: 4, waiting: () => [{ ...one, stallMs: 2 }] });
  told.publish({ watchdog: first, count: 2, waiting: () => [{ ...one, stallMs: 1 }] });
  const stalls = clients.waiting().map(({ stallMs }) => stallMs);
  // It was closed.
  told.publish({ watchdog: second, count: 0, waiting: () => [] });
  assert.deepEqual(
    [counts, stalls],
    [
      [3, 7, 6, 2],
      [2, 1],
    ],
  );
});
