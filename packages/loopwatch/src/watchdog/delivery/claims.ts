/** Reports that the program's own Sentry client or logger may claim, until they are delivered. */
import { CLAIMS, CLAIMS_AT, Claim } from '../../shared/memory/memory.js';
import type { ClaimPlace, Delivery } from '../../shared/messages/messages.js';

/** How long main may take to claim a report, in ms: it may be blocked again. */
const TAKING_MS = 3000;

/** How long it may then take to deliver, in ms: longer than a Sentry client itself waits. */
const DELIVERING_MS = 10_000;

/** The last number: four states of each have to fit an Int32. */
const MOST_NUMBERS = 2 ** 29 - 1;

interface Open extends ClaimPlace {
  /** For the one sink that it is about. */
  readonly delivery: Delivery;
  readonly sinceMs: number;
}

/** What becomes of claims. */
export interface Ends {
  /** Main has delivered it, or the program's Sentry client has decided against it. */
  settled(delivery: Delivery): void;
  /** The reporter is to deliver it after all. */
  direct(delivery: Delivery): void;
}

/** Opens claims, and withdraws them when they are not taken or come to nothing. */
export class Claims {
  readonly #words: Int32Array;
  readonly #ends: Ends;
  readonly #all = new Set<Open>();
  #last = 0;

  /** @param words of the main thread's memory */
  constructor(words: Int32Array, ends: Ends) {
    this.#words = words;
    this.#ends = ends;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Lets main claim a report; null when there are too many already. */
  open(delivery: Delivery, nowMs: number): ClaimPlace | null {
    for (let slot = 0; slot < CLAIMS; slot++) {
      // From 1: a settled claim must not look like a free slot.
      const number = (this.#last % MOST_NUMBERS) + 1;
      const open = Claim.open(number);
      const was = Atomics.compareExchange(this.#words, CLAIMS_AT + slot, Claim.free, open);
      if (was !== Claim.free) continue;
      this.#last = number;
      this.#all.add({ delivery, slot, number, sinceMs: nowMs });
      return { slot, number };
    }
    return null;
  }

  /** @param over whether the process is exiting: main does not get to deliver any more */
  tend(nowMs: number, over: boolean): void {
    for (const claim of [...this.#all]) {
      const { delivery, slot, number, sinceMs } = claim;
      const state = Atomics.load(this.#words, CLAIMS_AT + slot);
      const isSettled = state === Claim.settled(number);
      if (!isSettled && this.#waits(claim, state, nowMs - sinceMs, over)) continue;
      this.#all.delete(claim);
      Atomics.store(this.#words, CLAIMS_AT + slot, Claim.free);
      if (isSettled) this.#ends.settled(delivery);
      else this.#ends.direct(delivery);
    }
  }

  #waits({ slot, number }: Open, state: number, ageMs: number, over: boolean): boolean {
    if (state === Claim.givenBack(number)) return false;
    if (!over && ageMs < TAKING_MS) return true;
    const open = Claim.open(number);
    const withdrawn = Claim.withdrawn(number);
    const was = Atomics.compareExchange(this.#words, CLAIMS_AT + slot, open, withdrawn);
    // Main may have settled it just now: the next look sees that.
    if (was === Claim.settled(number)) return true;
    return was !== open && !over && ageMs < DELIVERING_MS;
  }
}
