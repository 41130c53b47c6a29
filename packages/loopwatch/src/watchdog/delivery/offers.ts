/** Reports that are offered to the program's own Sentry client or logger, until they are delivered. */
import { OFFERS, OFFERS_AT, Offer } from '../../shared/memory/memory.js';
import type { Delivery, OfferPlace } from '../../shared/messages/messages.js';

/** How long main may take to take an offer, in ms: it may be blocked again. */
const TAKING_MS = 3000;

/** How long it may then take to deliver, in ms: longer than a Sentry client itself waits. */
const DELIVERING_MS = 10_000;

/** The last number: four states of each have to fit an Int32. */
const MOST_NUMBERS = 2 ** 29 - 1;

interface Offered extends OfferPlace {
  /** For the one sink that it was offered to. */
  readonly delivery: Delivery;
  readonly sinceMs: number;
}

/** What becomes of offers. */
export interface Ends {
  /** Main has delivered it, or the program's Sentry client has decided against it. */
  settled(delivery: Delivery): void;
  /** The reporter is to deliver it after all. */
  direct(delivery: Delivery): void;
}

/** Makes offers, and takes them back when they are not taken or come to nothing. */
export class Offers {
  readonly #words: Int32Array;
  readonly #ends: Ends;
  readonly #all = new Set<Offered>();
  #last = 0;

  /** @param words of the main thread's memory */
  constructor(words: Int32Array, ends: Ends) {
    this.#words = words;
    this.#ends = ends;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Offers a report; null when there are too many already. */
  make(delivery: Delivery, nowMs: number): OfferPlace | null {
    for (let slot = 0; slot < OFFERS; slot++) {
      // From 1: a settled offer must not look like a free slot.
      const number = (this.#last % MOST_NUMBERS) + 1;
      const offered = Offer.offered(number);
      const was = Atomics.compareExchange(this.#words, OFFERS_AT + slot, Offer.free, offered);
      if (was !== Offer.free) continue;
      this.#last = number;
      this.#all.add({ delivery, slot, number, sinceMs: nowMs });
      return { slot, number };
    }
    return null;
  }

  /** @param over whether the process is exiting: main does not get to deliver any more */
  tend(nowMs: number, over: boolean): void {
    for (const offer of [...this.#all]) {
      const { delivery, slot, number, sinceMs } = offer;
      const state = Atomics.load(this.#words, OFFERS_AT + slot);
      const isSettled = state === Offer.settled(number);
      if (!isSettled && this.#waits(offer, state, nowMs - sinceMs, over)) continue;
      this.#all.delete(offer);
      Atomics.store(this.#words, OFFERS_AT + slot, Offer.free);
      if (isSettled) this.#ends.settled(delivery);
      else this.#ends.direct(delivery);
    }
  }

  #waits({ slot, number }: Offered, state: number, ageMs: number, over: boolean): boolean {
    if (state === Offer.givenBack(number)) return false;
    if (!over && ageMs < TAKING_MS) return true;
    const offered = Offer.offered(number);
    const withdrawn = Offer.withdrawn(number);
    const was = Atomics.compareExchange(this.#words, OFFERS_AT + slot, offered, withdrawn);
    // Main may have settled it just now: the next look sees that.
    if (was === Offer.settled(number)) return true;
    return was !== offered && !over && ageMs < DELIVERING_MS;
  }
}
