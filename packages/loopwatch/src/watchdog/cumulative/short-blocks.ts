/** Short blocks of one thread: found between its beats, sampled when they get many, and summed up. */
import type { Beat } from '../../shared/memory/beats.js';
import type { CumulativeSettings, Settings } from '../../shared/options/option-schema.js';
import { TOLERATED_LATENESS_MS } from '../detect/detect.js';
import { randomId } from '../evidence/episode.js';
import { Evidence } from '../evidence/evidence.js';
import type { Scheduling } from '../evidence/kernel/scheduling.js';
import type { ThreadReading } from '../evidence/kernel/thread-state.js';
import type { Sample } from '../evidence/sampling/sample.js';
import type { CumulativeBlock } from '../verdict/judge.js';
import {
  type CumulativeState,
  cumulate,
  isGathering,
  QUIET,
  type ShortBlock,
} from './cumulative.js';

/** A beat this much late, as a share of beatMs, was kept waiting by a turn that long at least. */
const LATE_SHARE = 0.5;

/** Delays below this any timer may have, in ms; a turn with less of its own than this is no short block. */
const LEAST_DELAY_MS = 5;

/** From which delay on a beat was kept waiting by a short block, in ms. */
function lateFromMs(beatMs: number): number {
  return Math.max(LEAST_DELAY_MS, beatMs * LATE_SHARE);
}

/** What is known of a gap between two beats. */
export interface Gap {
  readonly delayMs: number;
  /** Whether it may be a short block: nothing else has claimed it. */
  readonly counts: boolean;
  /** What the kernel says of the thread meanwhile; null where it says nothing. */
  readonly scheduling: Pick<Scheduling, 'ranMs' | 'waitedMs'> | null;
  /** How late the watchdog itself was, without what is known to have kept it. */
  readonly lateMs: number;
  readonly beatMs: number;
  readonly readThread: () => ThreadReading | null;
}

/** Follows the short blocks of one thread. */
export class ShortBlocks {
  #state: CumulativeState = QUIET;
  #evidence = new Evidence();
  /** What the short blocks have taken since the first reading at the thread, in ms. */
  #observedMs = 0;
  /** Whether an inspector was open at any sample. */
  #inspected = false;
  #fresh: ShortBlock[] = [];
  /** The samples of the turn that is under way, and the beat that it follows. */
  #samples: Sample[] = [];
  #sampledBeat = -1;

  /** Whether there is a stretch to report. */
  get isExceeded(): boolean {
    return this.#state.stretch !== null;
  }

  /** Whether samples of short blocks are wanted. */
  isGathering(cumulative: Settings['cumulative']): boolean {
    return cumulative !== false && isGathering(this.#state, cumulative);
  }

  /** When a turn is late enough to be sampled: a block of one and a half beats is met in any case. */
  sampleDueMs({ atMs }: Beat, beatMs: number): number {
    return atMs + beatMs + lateFromMs(beatMs);
  }

  /** Whether the turn after a beat has not been sampled. */
  wantsSample({ number }: Beat): boolean {
    return this.#sampledBeat !== number;
  }

  addSample({ number }: Beat, sample: Sample | null, reading: ThreadReading | null): void {
    if (this.#sampledBeat !== number) this.#samples = [];
    this.#sampledBeat = number;
    if (sample !== null) this.#samples.push(sample);
    this.#inspected ||= sample?.capture.inspected === true;
    if (reading !== null) this.#evidence.readings.add(reading);
  }

  /** Gives away the samples of the turn under way, which has become a suspect. */
  takeSamples(): Sample[] {
    const samples = this.#samples;
    this.#samples = [];
    return samples;
  }

  /** Takes the gap between two beats. */
  add(
    before: Beat,
    after: Beat,
    { delayMs, counts, scheduling, lateMs, beatMs, readThread }: Gap,
  ): void {
    const samples = this.#sampledBeat === before.number ? this.takeSamples() : [];
    // A watchdog that was late itself does not speak of short blocks.
    const late = delayMs >= lateFromMs(beatMs);
    if (!counts || !late || lateMs > TOLERATED_LATENESS_MS) return;
    const idleMs = after.idleMs - before.idleMs;
    const pausedMs = after.pausedMs - before.pausedMs;
    const ms = after.atMs - before.atMs - idleMs - pausedMs;
    const { ranMs = 0, waitedMs = 0 } = scheduling ?? {};
    const workedMs = Math.max(ms - waitedMs, Math.min(ms, ranMs));
    // On a busy machine beats are late for want of a CPU, too.
    if (workedMs < LEAST_DELAY_MS) return;
    this.#fresh.push({ startMs: after.atMs - ms, endMs: after.atMs, ms, workedMs });
    for (const sample of samples) this.#evidence.add(sample, ms / samples.length);
    if (samples.length === 0) return;
    if (this.#evidence.readings.witness() !== null) this.#observedMs += ms;
    // By now the loop waits for events again, as it should.
    this.#evidence.readings.end(readThread());
  }

  /** Sums up; what it returns is forgotten here. */
  step(
    nowMs: number,
    settings: CumulativeSettings,
    longestMs: number,
    last: boolean,
  ): CumulativeBlock | null {
    const blocks = this.#fresh;
    this.#fresh = [];
    const longest = Math.max(longestMs, settings.windowMs);
    const { state, over } = cumulate(this.#state, { nowMs, blocks, last }, settings, longest);
    this.#state = state;
    if (over === null) {
      if (!isGathering(state, settings)) this.#forget();
      return null;
    }
    const evidence = this.#evidence;
    const known = evidence.witness();
    const thread = known.thread === null ? null : { ...known.thread, observedMs: this.#observedMs };
    const witness = { ...known, thread, inspected: this.#inspected };
    this.#forget();
    return { ...over, id: randomId(), evidence, witness };
  }

  #forget(): void {
    if (this.#evidence.samples === 0 && this.#observedMs === 0) return;
    this.#evidence = new Evidence();
    this.#observedMs = 0;
  }
}
