/** Takes the samples of a suspected turn, and looks at its thread. */
import { nowMs } from '../../shared/clock.js';
import type { Desk } from '../desk.js';
import type { Episode } from './episode.js';
import type { ThreadState } from './kernel/thread-state.js';
import type { Sample, Sampler } from './sampling/sample.js';
import { nextSampleMs } from './sampling/schedule.js';

/** How often a worker that waits for work is sampled, unless it is seen to wake up, in ms. */
const WAITING_MS = 5000;

/** How often a thread that sleeps is asked whether a debugger has paused it, in ms. */
const ASK_EVERY_MS = 250;

/** Gathers evidence about the turns of one thread. */
export class Gatherer {
  readonly #desk: Desk;
  readonly #sampler: Sampler;
  readonly #thread: ThreadState;
  #askedMs = Number.NEGATIVE_INFINITY;
  /** How often a thread that waits for work had given up its CPU when it was last looked at. */
  #switches: number | null = null;
  #wakeLookMs = 0;

  constructor(desk: Desk, sampler: Sampler, thread: ThreadState) {
    this.#desk = desk;
    this.#sampler = sampler;
    this.#thread = thread;
  }

  /** Makes ready for another turn. */
  begin(): void {
    this.#askedMs = Number.NEGATIVE_INFINITY;
  }

  /**
   * Takes what has landed, and a sample when one is due.
   *
   * @returns the sample with which a worker was found to wait for work again, after some of it
   */
  gather(episode: Episode, now: number): Sample | null {
    const landed = this.#sampler.waiting ? this.#sampler.collect(episode.after.number) : null;
    if (landed !== null && this.#add(episode, landed)) return landed;
    const woken = episode.waiting && this.#hasWoken(now);
    if (episode.waiting && !woken) episode.keepWaiting(now);
    return woken || now >= episode.nextSampleMs ? this.#sample(episode) : null;
  }

  /** Whether a thread that was waiting for work has run since: then it may have found some. */
  #hasWoken(now: number): boolean {
    if (now < this.#wakeLookMs) return false;
    this.#wakeLookMs = now + this.#desk.settings.beatMs * this.#desk.crowd;
    const before = this.#switches;
    this.#switches = this.#thread.switches();
    return before !== null && this.#switches !== before;
  }

  #sample(episode: Episode): Sample | null {
    const look = this.#thread.look();
    if (!episode.waiting) episode.evidence.looks.add(look);
    let rests: Sample | null = null;
    if (!this.#sampler.waiting) {
      const sample = this.#sampler.take(episode.after.number);
      if (sample !== null && this.#add(episode, sample)) rests = sample;
      if (episode.inspected && look?.runnable !== true) this.#askDebugger(episode);
    }
    const elapsedMs = nowMs() - episode.after.atMs;
    const { sampleMs } = this.#desk.settings;
    const { samples, spentMs } = episode;
    const waitMs = nextSampleMs(sampleMs, samples, spentMs, elapsedMs, Math.random());
    if (episode.paused === true) episode.nextSampleMs = Number.POSITIVE_INFINITY;
    else episode.nextSampleMs = nowMs() + (episode.waiting ? WAITING_MS : waitMs);
    return rests;
  }

  /** @returns whether a worker waits for work again, after some of it */
  #add(episode: Episode, sample: Sample): boolean {
    const wasWaiting = episode.waiting;
    episode.add(sample);
    // The sample itself has woken it: what it does from now on counts.
    this.#switches = null;
    if (episode.waiting) {
      episode.nextSampleMs = nowMs() + WAITING_MS;
      return episode.samples > 0;
    }
    episode.noteDueMs ??= 0;
    if (wasWaiting) episode.nextSampleMs = nowMs() + this.#desk.settings.sampleMs;
    return false;
  }

  #askDebugger(episode: Episode): void {
    const { debuggers } = this.#desk;
    if (debuggers === null || debuggers.waiting || nowMs() - this.#askedMs < ASK_EVERY_MS) return;
    this.#askedMs = nowMs();
    debuggers.ask((paused) => {
      episode.paused = paused;
      if (paused) episode.nextSampleMs = Number.POSITIVE_INFINITY;
    });
  }
}
