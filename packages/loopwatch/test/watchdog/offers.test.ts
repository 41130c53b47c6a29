/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { memory, OFFERS, OFFERS_AT, Offer } from '#src/shared/memory/memory.js';
import type { Delivery, OfferPlace } from '#src/shared/messages/messages.js';
import { Offers } from '#src/watchdog/delivery/offers.js';
import { recordOf } from '../record.fixture.js';

/** Offers, and main's moves on them. */
function table() {
  const { words } = memory();
  const ended: string[] = [];
  const offers = new Offers(words, {
    settled: ({ record }) => ended.push(`settled ${record.id}`),
    direct: ({ record }) => ended.push(`direct ${record.id}`),
  });
  const move = ({ slot }: OfferPlace, from: number, to: number) =>
    Atomics.compareExchange(words, OFFERS_AT + slot, from, to) === from;
  return {
    offers,
    ended,
    make: (id: string, nowMs = 0) => offers.make(deliveryOf(id), nowMs),
    take: (place: OfferPlace) =>
      move(place, Offer.offered(place.number), Offer.taken(place.number)),
    settle: (place: OfferPlace) =>
      move(place, Offer.taken(place.number), Offer.settled(place.number)),
    giveBack: (place: OfferPlace) =>
      move(place, Offer.taken(place.number), Offer.givenBack(place.number)),
  };
}

function deliveryOf(id: string): Delivery {
  const record = { ...recordOf(), id };
  return { record, sinks: ['log'], level: 40, sentry: null };
}

test('what main settles is settled, what it gives back or never takes is delivered directly', () => {
  const { offers, ended, make, take, settle, giveBack } = table();
  const places = ['a', 'b', 'c'].map((id) => make(id) as OfferPlace);
  const [a, b, c] = places as [OfferPlace, OfferPlace, OfferPlace];
  assert.ok(take(a) && take(b) && settle(a) && giveBack(b));
  offers.tend(1, false);
  assert.deepEqual(ended, ['settled a', 'direct b']);
  offers.tend(3000, false);
  assert.deepEqual(ended, ['settled a', 'direct b', 'direct c']);
  assert.equal(take(c), false, 'it comes too late');
  assert.equal(offers.size, 0);
});

test('an exit ends all: what main was delivering is delivered directly, what it has is not', () => {
  const { offers, ended, make, take, settle } = table();
  const [a, b] = ['a', 'b', 'c'].map((id) => make(id) as OfferPlace) as [OfferPlace, OfferPlace];
  assert.ok(take(a) && take(b) && settle(b));
  offers.tend(1, true);
  assert.deepEqual(ended, ['direct a', 'settled b', 'direct c']);
});

test('there are so many at a time, and a slot is used again', () => {
  const { offers, make, take, settle } = table();
  const places = Array.from({ length: OFFERS }, (_, index) => make(`${index}`) as OfferPlace);
  assert.equal(make('one more'), null);
  const [first] = places as [OfferPlace];
  assert.ok(take(first) && settle(first));
  offers.tend(1, false);
  const next = make('one more') as OfferPlace;
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
      const places = ['0', '1', '2', '3', '4'].map((id) => game.make(id) as OfferPlace);
      const settled = new Set<string>();
      let nowMs = 0;
      for (const { who, what } of steps) {
        const place = places[who] as OfferPlace;
        nowMs += 300;
        if (what === 'tend') game.offers.tend(nowMs, false);
        else if (game[what](place) && what === 'settle') settled.add(`settled ${who}`);
      }
      game.offers.tend(nowMs, true);
      const ids = game.ended.map((end) => end.split(' ')[1]);
      assert.deepEqual(ids.sort(), ['0', '1', '2', '3', '4']);
      assert.deepEqual(new Set(game.ended.filter((end) => end.startsWith('s'))), settled);
    }),
  );
});
