/** What is taken of the reports of dead clients. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadClientFrom } from '#src/shared/dead-client.js';
import { deadClientEvent } from '#src/shared/sentry-event.js';

const report = {
  id: '00112233445566778899aabbccddeeff',
  detectedAt: '2026-11-21T15:00:00.000Z',
  cause: 'zero-window',
  message: 'client 10.0.0.1:5000 does not read any more',
  stallMs: 30_000,
};

test('what is no report is left alone', () => {
  for (const message of [
    null,
    undefined,
    7,
    {},
    { ...report, id: 1 },
    { ...report, message: null },
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
    assert.deepEqual(deadClientFrom({ ...report, meta })?.meta, expected);
  }
});

test('those of one cause are one issue of Sentry', () => {
  const event = deadClientEvent({ ...report, meta: null }) as Record<string, unknown>;
  assert.equal(event.event_id, report.id);
  assert.equal(event.message, report.message);
  assert.equal(event.timestamp, Date.parse(report.detectedAt) / 1000);
  assert.deepEqual(event.fingerprint, ['loopwatch', 'dead-client', 'zero-window']);
});
