/**
 * Overlapping windows of a continuous profile. V8 only gives a profile out as a whole, so two are
 * always under way, half a window apart: whichever is ended, another one has seen what came before.
 *
 *     |------------ A ------------|
 *                   |------------ B ------------|
 *                                 |------------ C ------------|
 */
import type { CpuProfile } from './cpu-profile.js';

/** What makes profiles. */
export interface ProfileSource {
  begin(title: string): void;
  /** Null when there is none of that title. */
  finish(title: string): CpuProfile | null;
}

/** How many windows are under way. */
const OVERLAP = 2;

export class Windows {
  readonly #source: ProfileSource;
  #open: string[] = [];
  #begun = 0;
  /** The window that was ended last for a slice: the next slice may lie in it, too. */
  #last: CpuProfile | null = null;

  constructor(source: ProfileSource) {
    this.#source = source;
    this.#begin();
  }

  #begin(): void {
    const title = `loopwatch ${process.pid} ${++this.#begun}`;
    this.#source.begin(title);
    this.#open.push(title);
  }

  /** Ends the oldest window that is under way. */
  #finish(): CpuProfile | null {
    const title = this.#open.shift();
    return title === undefined ? null : this.#source.finish(title);
  }

  /** To be called every half window: begins one, and forgets the oldest. */
  turn(): void {
    this.#last = null;
    // In this order: V8 throws away all that it knows of the program's code with its last profile.
    this.#begin();
    if (this.#open.length > OVERLAP) this.#finish();
  }

  /** A window that has seen the time from `startUs` to `endUs`; null when none has. */
  covering(startUs: number, endUs: number): CpuProfile | null {
    const covers = ({ startTime, endTime }: CpuProfile) => startTime <= startUs && endTime >= endUs;
    if (this.#last === null || !covers(this.#last)) {
      this.#begin();
      this.#last = this.#finish();
    }
    return this.#last !== null && covers(this.#last) ? this.#last : null;
  }

  close(): void {
    while (this.#open.length > 0) this.#finish();
    this.#last = null;
  }
}
