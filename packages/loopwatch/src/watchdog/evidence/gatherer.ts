/** Takes the samples of a suspected turn, and reads the state of its thread. */
import { nowMs } from '../../shared/clock.js';
import type { Settings } from '../../shared/options/option-schema.js';
import type { Episode } from './episode.js';
import type { ThreadState } from './kernel/thread-state.js';
import type { DebuggerQuestion } from './sampling/debugger-question.js';
import type { Sample, Sampler } from './sampling/sample.js';
import { nextSampleMs } from './sampling/schedule.js';

/** How often a worker that waits for work is sampled, unless it is seen to wake up, in ms. */
const WAITING_MS = 5000;

/** How often a thread that sleeps is asked whether a debugger has paused it, in ms. */
const ASK_EVERY_MS = 250;

/** What it needs of the watchdog. */
export interface GathererPorts {
  /** Those in force. */
  readonly settings: Pick<Settings, 'beatMs' | 'sampleMs'>;
  /** 1 for a few threads, more for many: what is done for each is done that much less often. */
  readonly crowd: number;
  /** Whether a debugger may be asked for; only for the main thread. */
  readonly debuggers: DebuggerQuestion | null;
}

/** Gathers evidence about the turns of one thread. */
export class Gatherer {
  readonly #ports: GathererPorts;
  readonly #sampler: Sampler;
  readonly #thread: ThreadState;
  #askedMs = Number.NEGATIVE_INFINITY;
  /** How often a thread that waits for work had given up its CPU when that was last read. */
  #switches: number | null = null;
  #wakeCheckMs = 0;

  constructor(ports: GathererPorts, sampler: Sampler, thread: ThreadState) {
    this.#ports = ports;
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
    if (now < this.#wakeCheckMs) return false;
    this.#wakeCheckMs = now + this.#ports.settings.beatMs * this.#ports.crowd;
    const before = this.#switches;
    this.#switches = this.#thread.switches();
    return before !== null && this.#switches !== before;
  }

  #sample(episode: Episode): Sample | null {
    const reading = this.#thread.read();
    if (!episode.waiting) episode.evidence.readings.add(reading);
    let rests: Sample | null = null;
    if (!this.#sampler.waiting) {
      const sample = this.#sampler.take(episode.after.number);
      if (sample !== null && this.#add(episode, sample)) rests = sample;
      if (episode.inspected && reading?.runnable !== true) this.#askDebugger(episode);
    }
    const elapsedMs = nowMs() - episode.after.atMs;
    const { sampleMs } = this.#ports.settings;
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
    if (wasWaiting) episode.nextSampleMs = nowMs() + this.#ports.settings.sampleMs;
    return false;
  }

  #askDebugger(episode: Episode): void {
    const { debuggers } = this.#ports;
    if (debuggers === null || debuggers.waiting || nowMs() - this.#askedMs < ASK_EVERY_MS) return;
    this.#askedMs = nowMs();
    debuggers.ask((paused) => {
      episode.paused = paused;
      if (paused) episode.nextSampleMs = Number.POSITIVE_INFINITY;
    });
  }
}
