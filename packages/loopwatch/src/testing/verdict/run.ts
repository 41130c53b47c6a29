/** One run of a test's body: when it was, which part of it counts, and what was agreed for it. */
import { onSettled } from '../../main/host/settled.js';
import { nowMs } from '../../shared/clock.js';
import type { Answer } from '../server/server-answers.js';
import { cpuTime } from './cpu-time.js';
import type { Interval } from './intervals.js';
import { type Measured, measuredTime } from './judge.js';
import type { Terms } from './terms.js';

interface Beginning {
  /** What its blocks are called. */
  readonly scope: string;
  readonly name: string;
  readonly file: string | null;
  /** Whether its runner is content when it fails. */
  readonly isToFail: boolean;
  /** The test that it is a part of. */
  readonly parent: Run | null;
  readonly limitMs: number;
  readonly allowed: string | null;
  /** How many times the watchdog had died by then. */
  readonly deaths: number;
}

export class Run implements Measured {
  readonly scope: string;
  readonly name: string;
  readonly file: string | null;
  readonly isToFail: boolean;
  readonly parent: Run | null;
  readonly deaths: number;
  readonly startMs = nowMs();
  endMs = Number.POSITIVE_INFINITY;
  readonly only: Interval[] = [];
  readonly paused: Interval[] = [];
  limitMs: number;
  allowed: string | null;
  waitedMs = 0;
  ranMs = Number.POSITIVE_INFINITY;
  /** To the requests that it has made. */
  readonly answers: Answer[] = [];
  /** Whether its verdict is there. */
  isJudged = false;
  /** The same scope and limit for the watchdog. */
  readonly watched: { readonly name: string; thresholdMs: number };
  readonly #before = cpuTime();
  #waitedOnlyMs = 0;
  #waitedPausedMs = 0;

  constructor({ scope, name, file, isToFail, parent, limitMs, allowed, deaths }: Beginning) {
    this.scope = scope;
    this.name = name;
    this.file = file;
    this.isToFail = isToFail;
    this.parent = parent;
    this.limitMs = limitMs;
    this.allowed = allowed;
    this.deaths = deaths;
    this.watched = { name: scope, thresholdMs: limitMs };
  }

  /** Whether all of it took less than a block of it may. */
  get isShort(): boolean {
    return this.endMs - this.startMs <= this.limitMs;
  }

  agree(terms: Terms): void {
    Object.assign(this, terms);
    this.watched.thresholdMs = this.limitMs;
  }

  end(): void {
    this.endMs = nowMs();
    const { ranMs, waitedMs } = cpuTime();
    if (ranMs < Number.POSITIVE_INFINITY) this.ranMs = ranMs - this.#before.ranMs;
    if (this.only.length > 0) this.waitedMs = this.#waitedOnlyMs;
    else if (this.paused.length > 0) {
      this.waitedMs = waitedMs - this.#before.waitedMs - this.#waitedPausedMs;
    }
  }

  /** To the requests that were made in the time that counts. */
  countedAnswers(): Answer[] {
    const measured = measuredTime(this);
    return this.answers.filter(({ sentMs }) =>
      measured.some(({ startMs, endMs }) => sentMs >= startMs && sentMs <= endMs),
    );
  }

  /** Runs a function whose time alone counts, with that of other calls. */
  measure<T>(fn: () => T): T {
    return this.#within(fn, (run, interval, waitedMs) => {
      run.only.push(interval);
      run.#waitedOnlyMs += waitedMs;
    });
  }

  /** Runs a function whose time does not count. */
  pause<T>(fn: () => T): T {
    return this.#within(fn, (run, interval, waitedMs) => {
      run.paused.push(interval);
      run.#waitedPausedMs += waitedMs;
    });
  }

  #within<T>(fn: () => T, take: (run: Run, interval: Interval, waitedMs: number) => void): T {
    const startMs = nowMs();
    const { waitedMs } = cpuTime();
    return onSettled(fn, () => {
      const interval = { startMs, endMs: nowMs() };
      const waited = cpuTime().waitedMs - waitedMs;
      // A part counts, or does not, for what it is a part of, too.
      for (let one: Run | null = this; one !== null; one = one.parent) take(one, interval, waited);
    });
  }
}
