/** One suspected turn, from its first late moment to its end. */
import type { Beat } from '../shared/memory.js';
import { isStartup, isStillStarting } from './classify.js';
import type { Witness } from './confirm.js';
import { Evidence } from './evidence.js';
import type { Sample } from './sample.js';
import { DEAREST_MS } from './schedule.js';

/** The share of a turn before its first sample from which on that sample does not speak for it. */
const HARDLY_SEEN = 0.8;

/**
 * A new id. Loading node:crypto takes 5 ms (measured), which only the first suspect should pay,
 * not every process that starts with the preload.
 */
export function randomId(): string {
  return process.getBuiltinModule('node:crypto').randomBytes(16).toString('hex');
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
  /** Whether a debugger was found to have paused the thread. */
  debugged = false;
  /** The length at which it is written to the journal again, in ms; null before its first sample. */
  noteDueMs: number | null = null;
  #evidenceUntilMs: number;
  #firstSampleMs: number | null = null;

  /** @param after the beat before the turn */
  constructor(after: Beat) {
    this.after = after;
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
    this.#firstSampleMs ??= ranAtMs;
    this.evidence.add(sample, weightMs);
  }

  /** @param contended whether threads mostly waited for a CPU meanwhile */
  witness(contended: boolean): Witness {
    return { ...this.evidence.witness(), debugged: this.debugged, contended };
  }

  /** Whether the turn was the loading of the main module. */
  isStartup(): boolean {
    const stacks = this.evidence.stacks();
    // Without a sample: the preload makes beat 1, and the main module runs in the turn after it.
    if (this.after.number === 1 && this.#wasHardlySeen()) return true;
    return isStartup(stacks) || isStillStarting(stacks, this.evidence.request(), this.after.idleMs);
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
