/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SinkDelivery } from '#src/reporter/sinks/delivery.js';
import type { Outcome, Sink, SinkReport } from '#src/reporter/sinks/sink.js';
import type { Unconfirmed } from '#src/shared/record/record.js';
import { recordOf } from '../record.fixture.js';

const TAKEN: Outcome = { kind: 'taken' };
const report: SinkReport = { record: recordOf(), level: 40, context: () => null };

/** A sink whose parcels name their lanes, and what it is asked to deliver. */
function deliveryTo(deliver: Sink<string>['deliver'], rules: Partial<Sink<string>> = {}) {
  const complaints: string[] = [];
  const retry = { firstMs: 1, longestMs: 2, laneOf: (lane: string) => lane };
  const sink = { retry, accepts: () => true, deliver, ...rules } as Sink;
  const delivery = new SinkDelivery('carrier', sink, (text) => complaints.push(text));
  return { complaints, deliver: (parcel: string) => delivery.deliver(report, parcel) };
}

test('a lane that waits holds up its own reports, and no others', async () => {
  const done: string[] = [];
  let isDown = true;
  const { deliver } = deliveryTo(async (_, lane) => {
    if (lane === 'down' && isDown) return { kind: 'retry', waitMs: null };
    done.push(lane);
    return TAKEN;
  });
  const waiting = [deliver('down'), deliver('down')];
  assert.deepEqual([await deliver('up'), done], [true, ['up']]);
  isDown = false;
  assert.deepEqual(await Promise.all(waiting), [true, true]);
  assert.deepEqual(done, ['up', 'down', 'down']);
});

test('without retry rules a report is handed over in the same turn, once', async () => {
  let calls = 0;
  const later: Outcome = { kind: 'retry', waitMs: 0 };
  const { complaints, deliver } = deliveryTo(async () => (calls++ === 0 ? TAKEN : later), {
    retry: null,
  });
  const delivered = [deliver('a'), deliver('a')];
  assert.equal(calls, 2, 'before anything is awaited');
  assert.deepEqual(await Promise.all(delivered), [true, false]);
  assert.deepEqual(complaints, [
    'the sink carrier failed: it asks for a retry and has no rules for one',
  ]);
});

test('what a sink does not accept is done; what it fails at is left to another process', async () => {
  const never = deliveryTo(() => assert.fail(), { accepts: () => false });
  assert.equal(await never.deliver('a'), true);
  const { deliver } = deliveryTo(async () => ({ kind: 'failed' }));
  assert.equal(await deliver('a'), false);
});

test('a sink that throws says so, and the next report of its lane is delivered', async () => {
  let calls = 0;
  const { complaints, deliver } = deliveryTo(async () => {
    if (calls++ === 0) throw new Error('no route');
    return TAKEN;
  });
  assert.deepEqual(await Promise.all([deliver('a'), deliver('a')]), [false, true]);
  assert.deepEqual(complaints, ['the sink carrier failed: no route']);
});

test('what a sink throws besides is said, and goes no further', () => {
  const complaints: string[] = [];
  const broken = (what: string) => () => {
    throw new Error(what);
  };
  const sink = {
    retry: null,
    accepts: () => true,
    deliver: async () => TAKEN,
    flush: broken('flush'),
    note: broken('note'),
    unconfirmed: broken('unconfirmed'),
  };
  const delivery = new SinkDelivery('carrier', sink, (text) => complaints.push(text));
  delivery.flush();
  delivery.note(30, 'hello');
  delivery.unconfirmed({} as Unconfirmed);
  const causes = complaints.map((text) => text.replace('the sink carrier failed: ', ''));
  assert.deepEqual(causes, ['flush', 'note', 'unconfirmed']);
});
