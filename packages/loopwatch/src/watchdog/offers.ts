/** Reports that are offered to the program's own Sentry client, until somebody has sent them. */
import { OFFERS, OFFERS_AT, Offer } from '../shared/memory.js';
import type { SentryOffer, SentryOutcome } from '../shared/messages.js';

/** How long main may take to take an offer, in ms: it may be blocked again. */
const TAKING_MS = 3000;

/** How long it may then take to send, in ms: longer than the client itself waits. */
const SENDING_MS = 10_000;

/** Four states of each have to fit an Int32. */
const MOST_NUMBERS = 2 ** 29;

interface Offered {
  readonly id: string;
  readonly slot: number;
  readonly number: number;
  readonly sinceMs: number;
}

/** Makes offers, and takes them back when they are not taken or come to nothing. */
export class Offers {
  readonly #words: Int32Array;
  /** Called for a report that the reporter is to send after all. */
  readonly #direct: (id: string) => void;
  readonly #all = new Map<string, Offered>();
  #last = 0;

  /** @param words of the main thread's memory */
  constructor(words: Int32Array, direct: (id: string) => void) {
    this.#words = words;
    this.#direct = direct;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Offers a report; null when there are too many already. */
  make(id: string, beat: number, nowMs: number): SentryOffer | null {
    for (let slot = 0; slot < OFFERS; slot++) {
      const number = (this.#last + 1) % MOST_NUMBERS;
      const offered = Offer.offered(number);
      const was = Atomics.compareExchange(this.#words, OFFERS_AT + slot, Offer.free, offered);
      if (was !== Offer.free) continue;
      this.#last = number;
      this.#all.set(id, { id, slot, number, sinceMs: nowMs });
      return { slot, number, beat };
    }
    return null;
  }

  /**
   * Main has sent a report, or could not.
   *
   * @returns whether it was still waited for, and is settled
   */
  settle(id: string, outcome: SentryOutcome): boolean {
    const offer = this.#all.get(id);
    if (offer === undefined) return false;
    this.#end(offer);
    if (outcome !== 'failed') return true;
    this.#direct(id);
    return false;
  }

  /** @param over whether the process is exiting: main does not get to send any more */
  tend(nowMs: number, over: boolean): void {
    for (const offer of [...this.#all.values()]) {
      const { id, slot, number, sinceMs } = offer;
      const offered = Offer.offered(number);
      const withdrawn = Offer.withdrawn(number);
      if (!over && nowMs - sinceMs < TAKING_MS) continue;
      const was = Atomics.compareExchange(this.#words, OFFERS_AT + slot, offered, withdrawn);
      const waits = was !== offered && !over && nowMs - sinceMs < SENDING_MS;
      if (waits) continue;
      this.#end(offer);
      this.#direct(id);
    }
  }

  #end({ id, slot }: Offered): void {
    this.#all.delete(id);
    Atomics.store(this.#words, OFFERS_AT + slot, Offer.free);
  }
}
