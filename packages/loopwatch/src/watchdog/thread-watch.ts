/** The watch over one thread: what it sees at each tick, and what it makes of it. */
import { nowMs } from '../shared/clock.js';
import { type Beat, latestBeat, pausedUntil, readBeats } from '../shared/memory/beats.js';
import { Clock, type Memory, memory, Word } from '../shared/memory/memory.js';
import { confirmTurn, retractTurn } from '../shared/memory/turns.js';
import type { WatchedThread } from '../shared/messages/messages.js';
import type { Settings } from '../shared/options/option-schema.js';
import type { BlockRecord } from '../shared/record/record.js';
import { Schedstat } from '../shared/schedstat.js';
import { type ShortBlockPorts, ShortBlockWatch } from './cumulative/short-block-watch.js';
import {
  type Detection,
  type DetectorState,
  detect,
  initialState,
  nextDueMs,
  TOLERATED_LATENESS_MS,
  type Turn,
} from './detect/detect.js';
import { Threshold, type ThresholdPorts } from './detect/threshold.js';
import { Episode } from './evidence/episode.js';
import { Gatherer, type GathererPorts } from './evidence/gatherer.js';
import { SchedulingWitness } from './evidence/kernel/scheduling.js';
import { type ThreadReading, ThreadState } from './evidence/kernel/thread-state.js';
import type { Sampler } from './evidence/sampling/sample.js';
import type { Judgement } from './verdict/confirm.js';
import { Judge, type JudgePorts } from './verdict/judge.js';
import type { SentryEvidence } from './verdict/report.js';

/** The longest wait between two ticks, however rare the beats are: an exit may wait for a tick. */
const POLL_MS = 100;

/** A hang that lasts: the detector has left out already what the watchdog did not see. */
const NOTHING_UNSEEN = { idleMs: 0, unseenMs: 0, suspendedMs: 0, pausedMs: 0, atExit: false };

/** What the watch over a thread, and each room below it, needs of the watchdog of the process. */
export interface ThreadPorts extends GathererPorts, JudgePorts, ShortBlockPorts, ThresholdPorts {
  /** Those in force. */
  readonly settings: Settings;
  /** The watchdog's own. */
  readonly schedstat: Schedstat;
  /** Makes a record that is not finished safe. */
  note(record: BlockRecord, evidence: SentryEvidence): void;
}

/** Watches one thread through its shared memory. */
export class ThreadWatch {
  readonly memory: Memory;
  readonly id: number;
  #name: string;
  readonly #ports: ThreadPorts;
  readonly #sampler: Sampler;
  readonly #thread: ThreadState;
  readonly #gatherer: Gatherer;
  readonly #schedstat: Schedstat;
  readonly #scheduling: SchedulingWitness;
  readonly #judge: Judge;
  readonly #threshold: Threshold;
  readonly #short: ShortBlockWatch;
  #state: DetectorState;
  #episode: Episode | undefined;
  /** The kernel's word on a thread that is not late yet: where its CPU time is counted from if it will be. */
  #earlyReading: ThreadReading | null = null;
  #hungMs: number | null = null;
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
    this.#gatherer = new Gatherer(ports, sampler, this.#thread);
    this.#schedstat = new Schedstat(`/proc/self/task/${taskId}/schedstat`);
    this.#scheduling = new SchedulingWitness(this.#schedstat, ports.schedstat);
    const info = () => ({ id, name: this.#name });
    this.#judge = new Judge(ports, this.memory, info, this.#scheduling);
    this.#threshold = new Threshold(ports, this.memory);
    this.#short = new ShortBlockWatch(ports, {
      judge: this.#judge,
      ...{ sampler, thread: this.#thread, scheduling: this.#scheduling },
      threshold: this.#threshold,
    });
    const latest = readBeats(this.memory, (latestBeat(this.memory) - 1) >>> 0).at(-1);
    this.#state = initialState(latest ?? { number: 0, atMs: nowMs(), idleMs: 0, pausedMs: 0 });
  }

  set name(name: string) {
    this.#name = name;
  }

  /** Suspects that are open, blocks of which not all is known yet, and short blocks that add up. */
  get open(): number {
    const suspects = this.#episode === undefined || this.#episode.waiting ? 0 : 1;
    return suspects + this.#judge.waiting + (this.#short.isExceeded ? 1 : 0);
  }

  /** Whether the thread has ended. */
  get gone(): boolean {
    return this.#thread.gone || this.#sampler.gone || this.#exiting;
  }

  /**
   * How long a hang that was announced has been seen to go on since, in ms: without the time in which
   * the watchdog did not run, or the program had asked not to be watched. Null without one.
   */
  get hungMs(): number | null {
    return this.#hungMs;
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
    if (this.#hungMs !== null && onTime && !this.#isPaused) this.#hungMs += now - this.#tickedMs;
    this.#tickedMs = now;
    const judged = new Map<number, Judgement['verdict']>();
    for (const detection of detections) this.#follow(detection, judged);
    this.#short.learn(before, beats, judged, now - dueMs);
    if (beats.length > 0) {
      this.#earlyReading = null;
      this.#scheduling.turned();
    }
    if (now - state.last.atMs > 2 * settings.beatMs) this.#earlyReading ??= this.#thread.read();
    if (!exiting && !this.#isPaused) this.#gather(now);
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
    if (this.#episode !== undefined) {
      return Math.min(dueMs, Math.max(now, this.#episode.nextSampleMs));
    }
    const { last } = this.#state;
    return Math.min(dueMs, this.#short.dueMs(now, last), this.#judge.dueMs(now, last));
  }

  /** The thread, or the process with it, has ended: what is under way ends with it. */
  end(now: number): void {
    const episode = this.#episode;
    if (episode !== undefined && episode.samples > 0) {
      const turn = { ...NOTHING_UNSEEN, after: this.#state.last, endMs: now, atExit: true };
      this.#close(turn, true);
    } else if (episode !== undefined) {
      this.#ports.forget(episode.id);
      this.#episode = undefined;
    }
    this.#short.report(now, true);
    this.#judge.settle(now, true);
    this.#thread.close();
    this.#schedstat.close();
  }

  /** Says, for those who ask whether the program is alive, that a hang goes on or is over. */
  #setHung(isHung: boolean): void {
    this.#hungMs = isHung ? 0 : null;
    Atomics.store(this.memory.words, Word.hung, isHung ? 1 : 0);
  }

  get #isPaused(): boolean {
    return this.memory.clocks[Clock.pausedSinceMs] !== 0;
  }

  #follow(detection: Detection, judged: Map<number, Judgement['verdict']>): void {
    switch (detection.type) {
      case 'suspect':
        this.#open(detection.after);
        break;
      case 'hang':
        if (this.#episode !== undefined) this.#episode.hangDue = true;
        break;
      case 'closed': {
        const { turn, suspected } = detection;
        judged.set(turn.after.number, this.#close(turn, suspected));
        break;
      }
    }
  }

  #open(after: Beat): Episode {
    const episode = new Episode(after, this.id !== 0);
    this.#gatherer.begin();
    episode.evidence.readings.add(this.#earlyReading);
    for (const sample of this.#short.takeSamples()) episode.add(sample);
    this.#episode = episode;
    return episode;
  }

  #gather(now: number): void {
    const episode = this.#episode;
    if (episode === undefined) {
      this.#short.gather(now, this.#state.last);
      return;
    }
    const rests = this.#gatherer.gather(episode, now);
    if (rests !== null) {
      this.#endWork(episode, rests.capture.ranAtMs);
      return;
    }
    this.#confirmEarly(episode);
    this.#announce(episode);
    this.#note(episode);
  }

  /**
   * Says while a turn lasts that it is a block, if by now it surely is: the program may be about to
   * answer the request that made it.
   */
  #confirmEarly(episode: Episode): void {
    if (episode.confirmed || episode.waiting) return;
    const { last, unseenMs, suspendedMs } = this.#state;
    const endMs = nowMs();
    // How long the loop waited before it was blocked is not known yet: a beat at the most.
    const idleMs = Math.min(this.#ports.settings.beatMs, endMs - last.atMs);
    const pausedMs = pausedUntil(this.memory, endMs) - last.pausedMs;
    const turn = { after: last, endMs, idleMs, pausedMs, unseenMs, suspendedMs, atExit: false };
    if (
      this.#judge.of(episode, turn, this.#threshold.of(episode.evidence.scope())).verdict !==
      'block'
    )
      return;
    episode.confirmed = true;
    confirmTurn(this.memory, last.number);
  }

  /** A worker that waits for work again has ended what it did, although its loop has not turned. */
  #endWork(episode: Episode, seenMs: number): void {
    // Somewhere between the last sample of the work and the first of the wait.
    const endMs = (episode.workedUntilMs + seenMs) / 2;
    const { after } = episode;
    const workedMs = endMs - after.atMs - episode.waitedMs(endMs);
    this.#episode = episode.resting(nowMs());
    const turn = { ...NOTHING_UNSEEN, after: { ...after, atMs: endMs - workedMs }, endMs };
    this.#judge.end(episode, turn, this.#threshold.of(episode.evidence.scope()));
  }

  /** Writes what is known of a turn that goes on: at its first sample, and when it is twice as long. */
  #note(episode: Episode): void {
    const durationMs = nowMs() - this.#state.last.atMs;
    if (episode.noteDueMs === null || durationMs < episode.noteDueMs) return;
    if (episode.paused === true || episode.waiting) return;
    episode.noteDueMs = 2 * durationMs;
    const record = this.#judge.soFar(
      episode,
      durationMs,
      this.#threshold.of(episode.evidence.scope()),
    );
    this.#ports.note(record, episode.evidence);
  }

  /** Reports a hang while it lasts, as soon as the evidence says that it is one. */
  #announce(episode: Episode): void {
    if (!episode.hangDue || episode.announced || this.#ports.debuggers?.waiting === true) return;
    const endMs = nowMs();
    const idleMs = episode.waitedMs(endMs);
    const turn: Turn = { ...NOTHING_UNSEEN, after: this.#state.last, endMs, idleMs };
    const thresholdMs = this.#threshold.of(episode.evidence.scope());
    if (idleMs > 0 && endMs - this.#state.last.atMs - idleMs < this.#ports.settings.hangMs) return;
    if (this.#judge.of(episode, turn, thresholdMs).verdict !== 'block') return;
    episode.hung = true;
    episode.announced = true;
    this.#setHung(true);
    const durationMs = endMs - this.#state.last.atMs - idleMs - this.#state.unseenMs;
    const record = this.#judge.soFar(episode, durationMs, thresholdMs);
    const { evidence } = episode;
    // While it lasts, the program can't send anything itself.
    const startup = episode.isStartup();
    this.#ports.report({ record, startup, evidence, beat: null, span: null });
    // Also one without any stack, which sleeps in a system call.
    episode.noteDueMs ??= 2 * durationMs;
  }

  #close(found: Turn, suspected: boolean): Judgement['verdict'] {
    const episode =
      suspected && this.#episode !== undefined ? this.#episode : this.#open(found.after);
    this.#episode = undefined;
    this.#setHung(false);
    const landed = this.#sampler.collect(found.after.number);
    if (landed !== null) episode.add(landed);
    if (!episode.waiting) episode.evidence.readings.add(this.#thread.read());
    const waitedMs = episode.waitedMs(found.endMs);
    const turn = { ...found, idleMs: found.idleMs + waitedMs };
    const thresholdMs = this.#threshold.of(episode.evidence.scope());
    const workedMs = turn.endMs - turn.after.atMs - turn.idleMs;
    if (waitedMs > 0 && workedMs <= thresholdMs && !episode.announced) {
      this.#ports.forget(episode.id);
      return 'none';
    }
    const verdict = this.#judge.end(episode, turn, thresholdMs);
    if (verdict === 'block') confirmTurn(this.memory, found.after.number);
    else if (episode.confirmed) retractTurn(this.memory, found.after.number);
    return verdict;
  }
}
