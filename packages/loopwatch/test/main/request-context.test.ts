/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Exchange, exchangeOf, pathOf } from '#src/main/requests/exchange.js';
import { Verdicts } from '#src/main/verdicts.js';
import { recordOf } from '../record.fixture.js';

test('paths lose their query and what the user redacts', () => {
  assert.equal(pathOf('/a/b?token=1#x', []), '/a/b');
  assert.equal(pathOf('/users/jo/x/jo', ['jo']), '/users/[redacted]/x/[redacted]');
  assert.equal(pathOf('/u/12/34', [/\d+/]), '/u/[redacted]/[redacted]');
  assert.equal(pathOf('/u/12/34', [/\d+/g]), '/u/[redacted]/[redacted]');
});

test('a response knows its exchange, and the program sees nothing of it', () => {
  const response = { writableEnded: false, destroyed: false };
  const request = { rawHeaders: [] };
  assert.equal(exchangeOf(response), undefined);
  for (const exchange of [1, 2].map((id) => new Exchange(request, response, id, 0))) {
    if (exchange.asyncId === 2) assert.equal(exchangeOf(response), exchange);
  }
  assert.deepEqual(Reflect.ownKeys(response), ['writableEnded', 'destroyed']);
  assert.equal(Object.getPrototypeOf(response), Object.prototype);
});

test('listeners get each record; one that throws harms nobody and is said', () => {
  const said: string[] = [];
  const verdicts = new Verdicts((text) => said.push(text));
  const got: string[] = [];
  verdicts.onBlock(() => {
    throw new Error('theirs');
  });
  const off = verdicts.onBlock(({ id }) => got.push(id));
  verdicts.take({ type: 'block', record: recordOf({ id: 'a' }), suppressed: 0, claims: [] });
  off();
  verdicts.take({ type: 'block', record: recordOf({ id: 'b' }), suppressed: 0, claims: [] });
  assert.deepEqual(got, ['a']);
  assert.match(said[0] ?? '', /theirs/);
});

test('the latest 100 records are kept, a hang that ended in the place of the one that lasted', () => {
  const verdicts = new Verdicts(() => undefined);
  for (let i = 0; i < 120; i++)
    verdicts.take({ type: 'block', record: recordOf({ id: `${i}` }), suppressed: 0, claims: [] });
  verdicts.take({
    type: 'block',
    record: recordOf({ id: '119', kind: 'hang', ended: true }),
    suppressed: 0,
    claims: [],
  });
  const ids = verdicts.blocks().map(({ id }) => id);
  assert.equal(ids.length, 100);
  assert.equal(ids.at(-1), '119');
  assert.equal(ids.filter((id) => id === '119').length, 1);
});

test('late beats that were no blocks are counted by reason', () => {
  const verdicts = new Verdicts(() => undefined);
  for (const reason of ['suspended', 'starved', 'suspended'] as const) {
    const thread = { id: 0, name: 'main' };
    const at = { startedAt: '2026-01-01T00:00:00.000Z', durationMs: 1 };
    const event = { reason, ...at, thread, pressure: null };
    verdicts.take({ type: 'unconfirmed', event });
  }
  assert.deepEqual(verdicts.unconfirmed(), { suspended: 2, starved: 1 });
});
