/** One suspected turn, from its first late moment to its end. */

import type { Beat } from '../../shared/memory/beats.js';
import { packageOf, plainFile, type RawFrame } from '../../shared/record/frames.js';
import { Evidence, type Seen } from './evidence.js';
import { isStartup, isStillStarting } from './loading.js';
import type { Sample } from './sampling/sample.js';
import { DEAREST_MS } from './sampling/schedule.js';
import type { Witness } from './witness.js';

/** The share of a turn before its first sample from which on that sample does not speak for it. */
const HARDLY_SEEN = 0.8;

/** How late a first sample always may be, in ms, and which share of the rest it may have missed. */
const TOLERATED_MS = 20;
const MISSED_SHARE = 0.5;

/**
 * A new id. Loading node:crypto takes 5 ms (measured), which only the first suspect should pay,
 * not every process that starts with the preload.
 */
export function randomId(): string {
  return process.getBuiltinModule('node:crypto').randomBytes(16).toString('hex');
}

/**
 * Whether a stack is that of a pool's thread that waits for work: piscina, tinypool and synckit let
 * theirs sleep in `Atomics.wait`. The application's own `Atomics.wait` is a block like any other.
 */
function isWaiting([innermost, caller]: readonly RawFrame[]): boolean {
  const sleeps = innermost !== undefined && innermost[0] === 'wait' && innermost[1] === null;
  return sleeps && caller !== undefined && packageOf(plainFile(caller[1])) !== null;
}

/** Gathers evidence of one turn, and keeps what has become of it so far. */
export class Episode {
  /** Also the Sentry event id. */
  readonly id = randomId();
  readonly after: Beat;
  readonly evidence = new Evidence();
  nextSampleMs = 0;
  /** What the samples have cost the watched thread. */
  spentMs = 0;
  /** Whether it is a hang. */
  hung = false;
  /** Whether it has lasted long enough to be announced, and waits to be believed. */
  hangDue = false;
  /** Whether it was reported while it lasted. */
  announced = false;
  /** Whether it was said to be a block while it lasted. */
  confirmed = false;
  /** Whether a debugger has paused the thread; null before that is known. */
  paused: boolean | null = null;
  /** Whether an inspector was open: then a debugger may have. */
  inspected = false;
  /** Whether the thread was waiting for work when it was last seen: see {@link isWaiting}. */
  waiting = false;
  /** The length at which it is written to the journal again, in ms; null before its first sample. */
  noteDueMs: number | null = null;
  readonly #onWorker: boolean;
  #evidenceUntilMs: number;
  #firstSampleMs: number | null = null;
  #firstIsLate = false;
  #waitedMs = 0;
  #workedUntilMs = 0;

  /**
   * @param after the beat before the turn
   * @param onWorker whether the thread is a worker, which may wait for its work without a loop
   */
  constructor(after: Beat, onWorker: boolean) {
    this.after = after;
    this.#onWorker = onWorker;
    this.#evidenceUntilMs = after.atMs;
  }

  get samples(): number {
    return this.evidence.samples;
  }

  add(sample: Sample): void {
    const { frames, ranAtMs, waitedMs, costMs } = sample.capture;
    if (frames === null) return;
    this.spentMs += Math.min(costMs, DEAREST_MS);
    // The first sample is the only witness of the time before it.
    const weightMs = sample.late ? waitedMs : ranAtMs - this.#evidenceUntilMs;
    this.#evidenceUntilMs = ranAtMs;
    this.inspected ||= sample.capture.inspected;
    this.waiting = this.#onWorker && !sample.late && isWaiting(frames);
    if (this.waiting) {
      this.#waitedMs += weightMs;
      // Its readings were at a thread that waited, unless it has worked before.
      if (this.samples === 0) this.evidence.forgetReadings();
      return;
    }
    this.#workedUntilMs = ranAtMs;
    if (this.#firstSampleMs === null) this.#firstIsLate = sample.late;
    this.#firstSampleMs ??= ranAtMs;
    this.evidence.add(sample, weightMs);
  }

  /** When the thread was last seen at work, in ms of the shared clock. */
  get workedUntilMs(): number {
    return this.#workedUntilMs;
  }

  /** The same turn after some work that has been judged: the thread waits again. */
  resting(nowMs: number): Episode {
    const next = new Episode(this.after, this.#onWorker);
    next.waiting = true;
    next.nextSampleMs = this.nextSampleMs;
    next.hangDue = this.hangDue;
    next.keepWaiting(nowMs);
    return next;
  }

  /** Says that a thread which waited for work still does. */
  keepWaiting(untilMs: number): void {
    this.#waitedMs = this.waitedMs(untilMs);
    this.#evidenceUntilMs = Math.max(this.#evidenceUntilMs, untilMs);
  }

  /** How long the thread has waited for work, up to a moment. */
  waitedMs(untilMs: number): number {
    return this.#waitedMs + (this.waiting ? Math.max(0, untilMs - this.#evidenceUntilMs) : 0);
  }

  /** @param machine how the machine kept threads waiting meanwhile */
  witness(machine: Pick<Witness, 'contended' | 'scheduling'>): Witness {
    const witness = this.evidence.witness();
    const { thread } = witness;
    const asleep = thread !== null && thread.runnable * 2 < thread.readings;
    // A thread that sleeps where a debugger can be is only believed when it says that there is none.
    const debugged = this.paused ?? (this.inspected && asleep);
    return { ...witness, ...machine, debugged, onWorker: this.#onWorker };
  }

  /** Whether the turn was the loading of the main module. */
  isStartup(): boolean {
    // A thread that has waited for work has started, whatever Node's frames below it say.
    if (this.waitedMs(this.after.atMs) > 0) return false;
    const stacks = this.evidence.stacks();
    // Without a sample: the preload makes beat 1, and the main module runs in the turn after it.
    if (this.after.number === 1 && this.#wasHardlySeen()) return true;
    return isStartup(stacks) || isStillStarting(stacks, this.evidence.request(), this.after.idleMs);
  }

  /**
   * How much of the turn was seen. When most of what came after the threshold was over before anyone
   * looked (the watchdog had no CPU itself, or had only just started), the first sample may show what
   * came next; what was then seen for a threshold's time is to blame for that much at least.
   *
   * @param isOver whether the turn has ended: one that goes on is still in what it was last seen in
   */
  seen(thresholdMs: number, endMs: number, isOver: boolean): Seen {
    if (this.#firstSampleMs === null || this.#firstIsLate) return 'whole';
    const startMs = this.after.atMs + this.waitedMs(this.#firstSampleMs) + thresholdMs;
    const missedMs = this.#firstSampleMs - startMs;
    const isMissed = missedMs > TOLERATED_MS && missedMs > (endMs - startMs) * MISSED_SHARE;
    if (!isMissed) return 'whole';
    if (this.#evidenceUntilMs - this.#firstSampleMs > thresholdMs) return 'end';
    return isOver ? 'hardly' : 'end';
  }

  /**
   * Whether hardly any of the turn has been sampled: it began before the first sample, nobody saw
   * with what. In the first turn that was the main module.
   */
  #wasHardlySeen(): boolean {
    if (this.#firstSampleMs === null) return true;
    const wholeMs = this.#evidenceUntilMs - this.after.atMs;
    return this.#firstSampleMs - this.after.atMs >= wholeMs * HARDLY_SEEN;
  }
}
