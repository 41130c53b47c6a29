/**
 * Overlapping windows of a continuous profile. V8 only gives a profile out as a whole, so two are
 * always under way, half a window apart: whichever is ended, another one has seen what came before.
 *
 *     |------------ A ------------|
 *                   |------------ B ------------|
 *                                 |------------ C ------------|
 */
import type { CpuProfile } from '../profile/cpu-profile.js';

/** What makes profiles. */
export interface ProfileSource {
  begin(title: string): void;
  /** Null when there is none of that title. */
  finish(title: string): CpuProfile | null;
}

/** How many windows are under way. */
const OVERLAP = 2;

interface Open {
  readonly title: string;
  /** It surely has seen what came after this. */
  readonly sinceUs: number;
}

export class Windows {
  readonly #source: ProfileSource;
  readonly #nowUs: () => number;
  /** Oldest first. */
  #open: Open[] = [];
  #begun = 0;
  /** The window that was ended last for a slice: the next slice may lie in it, too. */
  #last: CpuProfile | null = null;

  /** @param nowUs the clock of the profiles */
  constructor(source: ProfileSource, nowUs: () => number) {
    this.#source = source;
    this.#nowUs = nowUs;
    this.#begin();
  }

  #begin(): void {
    const title = `loopwatch ${process.pid} ${++this.#begun}`;
    this.#source.begin(title);
    this.#open.push({ title, sinceUs: this.#nowUs() });
  }

  #finish(window: Open | undefined): CpuProfile | null {
    if (window === undefined) return null;
    this.#open = this.#open.filter((other) => other !== window);
    return this.#source.finish(window.title);
  }

  /** To be called every half window: begins one, and forgets the oldest. */
  turn(): void {
    this.#last = null;
    // In this order: V8 throws away all that it knows of the program's code with its last profile.
    this.#begin();
    if (this.#open.length > OVERLAP) this.#finish(this.#open[0]);
  }

  /** A window that has seen the time from `startUs` to `endUs`; null when none has. */
  covering(startUs: number, endUs: number): CpuProfile | null {
    const last = this.#last;
    if (last !== null && last.startTime <= startUs && last.endTime >= endUs) return last;
    // The youngest that will do: the less else it has seen, the surer are its lines.
    const window = this.#open.findLast(({ sinceUs }) => sinceUs <= startUs);
    if (window === undefined || endUs > this.#nowUs()) return null;
    this.#begin();
    this.#last = this.#finish(window);
    return this.#last;
  }

  close(): void {
    for (const window of this.#open) this.#finish(window);
    this.#last = null;
  }
}
