/** The watch over one thread: what it sees at each tick, and what it makes of it. */
import { nowMs } from '../shared/clock.js';
import { latestBeat, pausedUntil, readBeats } from '../shared/memory/beats.js';
import { Clock, type Memory, memory, Word } from '../shared/memory/memory.js';
import type { WatchedThread } from '../shared/messages/messages.js';
import type { Settings } from '../shared/options/option-schema.js';
import { Schedstat } from '../shared/schedstat.js';
import { type ShortBlockPorts, ShortBlockWatch } from './cumulative/short-block-watch.js';
import {
  type Detection,
  type DetectorState,
  detect,
  initialState,
  nextDueMs,
  TOLERATED_LATENESS_MS,
} from './detect/detect.js';
import { Threshold, type ThresholdPorts } from './detect/threshold.js';
import { SchedulingWitness } from './evidence/kernel/scheduling.js';
import { ThreadState } from './evidence/kernel/thread-state.js';
import type { Sampler } from './evidence/sampling/sample.js';
import { type SuspectPorts, SuspectWatch } from './suspect-watch.js';
import type { Judgement } from './verdict/confirm.js';
import { Judge } from './verdict/judge.js';

/** The longest wait between two ticks, however rare the beats are: an exit may wait for a tick. */
const POLL_MS = 100;

/** What the watch over a thread, and each room below it, needs of the watchdog of the process. */
export interface ThreadPorts extends ShortBlockPorts, SuspectPorts, ThresholdPorts {
  /** Those in force. */
  readonly settings: Settings;
  /** The watchdog's own. */
  readonly schedstat: Schedstat;
}

/** Watches one thread through its shared memory. */
export class ThreadWatch {
  readonly memory: Memory;
  readonly id: number;
  #name: string;
  readonly #ports: ThreadPorts;
  readonly #sampler: Sampler;
  readonly #thread: ThreadState;
  readonly #schedstat: Schedstat;
  readonly #scheduling: SchedulingWitness;
  readonly #judge: Judge;
  readonly #threshold: Threshold;
  readonly #short: ShortBlockWatch;
  readonly #suspect: SuspectWatch;
  #state: DetectorState;
  #tickedMs = nowMs();

  constructor(
    { id, name, buffer, offset, taskId }: WatchedThread,
    ports: ThreadPorts,
    sampler: Sampler,
  ) {
    this.memory = memory(buffer, offset);
    this.id = id;
    this.#name = name;
    this.#ports = ports;
    this.#sampler = sampler;
    this.#thread = new ThreadState(taskId);
    this.#schedstat = new Schedstat(`/proc/self/task/${taskId}/schedstat`);
    this.#scheduling = new SchedulingWitness(this.#schedstat, ports.schedstat);
    const info = () => ({ id, name: this.#name });
    this.#judge = new Judge(ports, this.memory, info, this.#scheduling);
    this.#threshold = new Threshold(ports, this.memory);
    const instruments = {
      ...{ judge: this.#judge, sampler, scheduling: this.#scheduling },
      ...{ thread: this.#thread, threshold: this.#threshold },
    };
    this.#short = new ShortBlockWatch(ports, instruments);
    const short = this.#short;
    this.#suspect = new SuspectWatch(ports, this.memory, id !== 0, { ...instruments, short });
    const latest = readBeats(this.memory, (latestBeat(this.memory) - 1) >>> 0).at(-1);
    this.#state = initialState(latest ?? { number: 0, atMs: nowMs(), idleMs: 0, pausedMs: 0 });
  }

  set name(name: string) {
    this.#name = name;
  }

  /** Suspects that are open, blocks of which not all is known yet, and short blocks that add up. */
  get open(): number {
    return this.#suspect.open + this.#judge.waiting + (this.#short.isExceeded ? 1 : 0);
  }

  /** Whether the thread has ended. */
  get gone(): boolean {
    return this.#thread.gone || this.#sampler.gone || this.#exiting;
  }

  /** See {@link SuspectWatch.hungMs}. */
  get hungMs(): number | null {
    return this.#suspect.hungMs;
  }

  get #exiting(): boolean {
    return Atomics.load(this.memory.words, Word.exiting) === 1;
  }

  configure(): void {
    this.#threshold.reset();
  }

  /**
   * One tick.
   *
   * @param dueMs when it was due
   */
  tick(now: number, dueMs: number): void {
    const { settings } = this.#ports;
    this.#scheduling.tick();
    const exiting = this.#exiting;
    const before = this.#state.last;
    const beats = readBeats(this.memory, before.number);
    const pausedMs = pausedUntil(this.memory, now);
    const observation = { nowMs: now, dueMs, beats, pausedMs, exiting };
    const limits = { thresholdMs: this.#threshold.suspicionMs(now), hangMs: settings.hangMs };
    const { state, detections } = detect(this.#state, observation, limits);
    this.#state = state;
    const onTime = now - dueMs <= TOLERATED_LATENESS_MS;
    if (onTime && !this.#isPaused) this.#suspect.addWatched(now - this.#tickedMs);
    this.#tickedMs = now;
    const judged = new Map<number, Judgement['verdict']>();
    for (const detection of detections) this.#follow(detection, judged);
    this.#short.learn(before, beats, judged, now - dueMs);
    if (beats.length > 0) {
      this.#suspect.turned();
      this.#scheduling.turned();
    }
    if (now - state.last.atMs > 2 * settings.beatMs) this.#suspect.readEarly();
    if (!exiting && !this.#isPaused) {
      if (this.#suspect.nextSampleMs === null) this.#short.gather(now, state.last);
      else this.#suspect.gather(now, state);
    }
    this.#short.report(now, exiting);
    this.#judge.settle(now, exiting);
    this.memory.clocks[Clock.thresholdMs] = this.#threshold.usualMs(now);
    // First, so that whoever sees the beat knows what is still to be said of the turns before it.
    Atomics.store(this.memory.words, Word.open, this.open);
    Atomics.store(this.memory.words, Word.seen, state.last.number | 0);
    Atomics.add(this.memory.words, Word.tick, 1);
  }

  /** When the next tick is due. */
  dueMs(now: number): number {
    const { settings } = this.#ports;
    const limits = { thresholdMs: this.#threshold.suspicionMs(now) };
    const dueMs = nextDueMs(this.#state, now, Math.min(settings.beatMs, POLL_MS), limits);
    const { nextSampleMs } = this.#suspect;
    if (nextSampleMs !== null) return Math.min(dueMs, Math.max(now, nextSampleMs));
    const { last } = this.#state;
    return Math.min(dueMs, this.#short.dueMs(now, last), this.#judge.dueMs(now, last));
  }

  /** The thread, or the process with it, has ended: what is under way ends with it. */
  end(now: number): void {
    this.#suspect.end(now, this.#state.last);
    this.#short.report(now, true);
    this.#judge.settle(now, true);
    this.#thread.close();
    this.#schedstat.close();
  }

  get #isPaused(): boolean {
    return this.memory.clocks[Clock.pausedSinceMs] !== 0;
  }

  #follow(detection: Detection, judged: Map<number, Judgement['verdict']>): void {
    switch (detection.type) {
      case 'suspect':
        this.#suspect.begin(detection.after);
        break;
      case 'hang':
        this.#suspect.expectHang();
        break;
      case 'closed': {
        const { turn, suspected } = detection;
        judged.set(turn.after.number, this.#suspect.close(turn, suspected));
        break;
      }
    }
  }
}
