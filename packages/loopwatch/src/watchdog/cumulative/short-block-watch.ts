/** What the gaps between beats that are no suspects teach: usual delays, and blocks too short for one. */
import type { Beat } from '../../shared/memory/beats.js';
import { hasStarted } from '../../shared/memory/started.js';
import type { Settings } from '../../shared/options/option-schema.js';
import { delayOf } from '../detect/detect.js';
import type { Threshold } from '../detect/threshold.js';
import type { SchedulingWitness } from '../evidence/kernel/scheduling.js';
import type { ThreadState } from '../evidence/kernel/thread-state.js';
import type { Sample, Sampler } from '../evidence/sampling/sample.js';
import type { Judgement } from '../verdict/confirm.js';
import type { Judge } from '../verdict/judge.js';
import { ShortBlocks } from './short-blocks.js';

/** What it needs of the watchdog. */
export interface ShortBlockPorts {
  /** Those in force. */
  readonly settings: Pick<Settings, 'beatMs' | 'cumulative' | 'hangMs' | 'startup'>;
}

/** What of a thread's watch it works with. */
export interface Instruments {
  readonly judge: Judge;
  readonly sampler: Sampler;
  readonly thread: ThreadState;
  readonly scheduling: SchedulingWitness;
  readonly threshold: Threshold;
}

/** Follows the short blocks of one thread, and has those that add up reported. */
export class ShortBlockWatch {
  readonly #ports: ShortBlockPorts;
  readonly #instruments: Instruments;
  readonly #blocks = new ShortBlocks();

  constructor(ports: ShortBlockPorts, instruments: Instruments) {
    this.#ports = ports;
    this.#instruments = instruments;
  }

  /** Whether there are some to report. */
  get isExceeded(): boolean {
    return this.#blocks.isExceeded;
  }

  /** Gives away the samples of the turn under way, which has become a suspect. */
  takeSamples(): Sample[] {
    return this.#blocks.takeSamples();
  }

  /** When the turn after a beat is to be sampled; infinity without a wish. */
  dueMs(now: number, last: Beat): number {
    const { beatMs, cumulative } = this.#ports.settings;
    if (!this.#blocks.isGathering(cumulative)) return Number.POSITIVE_INFINITY;
    const dueMs = this.#blocks.sampleDueMs(last, beatMs);
    return dueMs > now ? dueMs : Number.POSITIVE_INFINITY;
  }

  /**
   * Takes the beats of a tick.
   *
   * @param judged the verdicts over turns that were suspects, by the beat before them
   * @param lateMs how late the watchdog was
   */
  learn(
    before: Beat,
    beats: readonly Beat[],
    judged: ReadonlyMap<number, Judgement['verdict']>,
    lateMs: number,
  ): void {
    const { beatMs, cumulative, startup } = this.#ports.settings;
    const { thread, threshold } = this.#instruments;
    let last = before;
    for (const beat of beats) {
      const verdict = judged.get(last.number) ?? 'none';
      const delayMs = delayOf(last, beat, beatMs);
      // A late watchdog has no evidence against anyone.
      if (verdict !== 'unconfirmed') threshold.learn(delayMs);
      if (cumulative !== false) {
        // What was judged as a turn of its own is spoken for.
        const counts = !judged.has(last.number) && (startup === 'report' || hasStarted(last));
        const scheduling = this.#instruments.scheduling.between(last.atMs, beat.atMs);
        // A watchdog that had to wait for a CPU has not stood still: the counters went on for it.
        const stoodMs = lateMs - (scheduling?.watchdogWaitedMs ?? 0);
        const readThread = () => thread.read();
        this.#blocks.add(last, beat, {
          delayMs,
          counts,
          scheduling,
          lateMs: stoodMs,
          beatMs,
          readThread,
        });
      }
      last = beat;
    }
  }

  /** Samples the turn after a beat, if that is wanted. */
  gather(now: number, last: Beat): void {
    const { cumulative, beatMs } = this.#ports.settings;
    const { sampler, thread } = this.#instruments;
    if (!this.#blocks.isGathering(cumulative) || now < this.#blocks.sampleDueMs(last, beatMs))
      return;
    if (!this.#blocks.wantsSample(last)) {
      const landed = sampler.waiting ? sampler.collect(last.number) : null;
      if (landed !== null) this.#blocks.addSample(last, landed, null);
      return;
    }
    const reading = thread.read();
    this.#blocks.addSample(last, sampler.take(last.number), reading);
  }

  /** Reports what has added up. */
  report(now: number, last: boolean): void {
    const { cumulative, hangMs } = this.#ports.settings;
    if (cumulative === false) return;
    const over = this.#blocks.step(now, cumulative, hangMs, last);
    if (over !== null) this.#instruments.judge.endCumulative(over, cumulative.thresholdMs);
  }
}
