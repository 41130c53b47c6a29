/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CLAIMS, CLAIMS_AT, Claim, memory } from '#src/shared/memory/memory.js';
import type { ClaimPlace, Delivery } from '#src/shared/messages/messages.js';
import { Claims } from '#src/watchdog/delivery/claims.js';
import { recordOf } from '../record.fixture.js';

/** Claims, and main's moves on them. */
function table() {
  const { words } = memory();
  const ended: string[] = [];
  const claims = new Claims(words, {
    settled: ({ record }) => ended.push(`settled ${record.id}`),
    direct: ({ record }) => ended.push(`direct ${record.id}`),
  });
  const move = ({ slot }: ClaimPlace, from: number, to: number) =>
    Atomics.compareExchange(words, CLAIMS_AT + slot, from, to) === from;
  return {
    claims,
    ended,
    make: (id: string, nowMs = 0) => claims.open(deliveryOf(id), nowMs),
    take: (place: ClaimPlace) => move(place, Claim.open(place.number), Claim.taken(place.number)),
    settle: (place: ClaimPlace) =>
      move(place, Claim.taken(place.number), Claim.settled(place.number)),
    giveBack: (place: ClaimPlace) =>
      move(place, Claim.taken(place.number), Claim.givenBack(place.number)),
  };
}

function deliveryOf(id: string): Delivery {
  const record = { ...recordOf(), id };
  return { record, sinks: ['log'], level: 40, parcels: {} };
}

test('what main settles is settled, what it gives back or never takes is delivered directly', () => {
  const { claims, ended, make, take, settle, giveBack } = table();
  const places = ['a', 'b', 'c'].map((id) => make(id) as ClaimPlace);
  const [a, b, c] = places as [ClaimPlace, ClaimPlace, ClaimPlace];
  assert.ok(take(a) && take(b) && settle(a) && giveBack(b));
  claims.tend(1, false);
  assert.deepEqual(ended, ['settled a', 'direct b']);
  claims.tend(3000, false);
  assert.deepEqual(ended, ['settled a', 'direct b', 'direct c']);
  assert.equal(take(c), false, 'it comes too late');
  assert.equal(claims.size, 0);
});

test('an exit ends all: what main was delivering is delivered directly, what it has is not', () => {
  const { claims, ended, make, take, settle } = table();
  const [a, b] = ['a', 'b', 'c'].map((id) => make(id) as ClaimPlace) as [ClaimPlace, ClaimPlace];
  assert.ok(take(a) && take(b) && settle(b));
  claims.tend(1, true);
  assert.deepEqual(ended, ['direct a', 'settled b', 'direct c']);
});

test('there are so many at a time, and a slot is used again', () => {
  const { claims, make, take, settle } = table();
  const places = Array.from({ length: CLAIMS }, (_, index) => make(`${index}`) as ClaimPlace);
  assert.equal(make('one more'), null);
  const [first] = places as [ClaimPlace];
  assert.ok(take(first) && settle(first));
  claims.tend(1, false);
  const next = make('one more') as ClaimPlace;
  assert.equal(next.slot, first.slot);
  assert.equal(take(first), false, 'the old number means nothing any more');
});

test('whatever happens in whatever order, each report ends once, and as main did', () => {
  const moves = fc.record({
    who: fc.nat(4),
    what: fc.constantFrom('take', 'settle', 'giveBack', 'tend'),
  });
  fc.assert(
    fc.property(fc.array(moves, { maxLength: 60 }), (steps) => {
      const game = table();
      const places = ['0', '1', '2', '3', '4'].map((id) => game.make(id) as ClaimPlace);
      const settled = new Set<string>();
      let nowMs = 0;
      for (const { who, what } of steps) {
        const place = places[who] as ClaimPlace;
        nowMs += 300;
        if (what === 'tend') game.claims.tend(nowMs, false);
        else if (game[what](place) && what === 'settle') settled.add(`settled ${who}`);
      }
      game.claims.tend(nowMs, true);
      const ids = game.ended.map((end) => end.split(' ')[1]);
      assert.deepEqual(ids.sort(), ['0', '1', '2', '3', '4']);
      assert.deepEqual(new Set(game.ended.filter((end) => end.startsWith('s'))), settled);
    }),
  );
});
