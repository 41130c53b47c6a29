/** The watch over a suspected turn: its evidence, what is said of it while it lasts, and its end. */
import { nowMs } from '../shared/clock.js';
import { type Beat, pausedUntil } from '../shared/memory/beats.js';
import { type Memory, Word } from '../shared/memory/memory.js';
import { confirmTurn, retractTurn } from '../shared/memory/turns.js';
import type { BlockRecord } from '../shared/record/record.js';
import type { SentryEvidence } from '../shared/sentry/sentry.js';
import type { Instruments, ShortBlockWatch } from './cumulative/short-block-watch.js';
import type { DetectorState, Turn } from './detect/detect.js';
import { Episode } from './evidence/episode.js';
import { Gatherer, type GathererPorts } from './evidence/gatherer.js';
import type { ThreadReading } from './evidence/kernel/thread-state.js';
import type { Judgement } from './verdict/confirm.js';
import type { JudgePorts } from './verdict/judge.js';

/** A hang that lasts: the detector has left out already what the watchdog did not see. */
const NOTHING_UNSEEN = { idleMs: 0, unseenMs: 0, suspendedMs: 0, pausedMs: 0, atExit: false };

/** What it needs of the watchdog. */
export interface SuspectPorts extends GathererPorts, JudgePorts {
  /** Those in force. */
  readonly settings: GathererPorts['settings'] & JudgePorts['settings'];
  /** Makes a record that is not finished safe. */
  note(record: BlockRecord, evidence: SentryEvidence): void;
}

/** What of a thread's watch it works with. */
export interface SuspectInstruments extends Instruments {
  readonly short: ShortBlockWatch;
}

/** Follows the turns of one thread that are suspected, one at a time. */
export class SuspectWatch {
  readonly #ports: SuspectPorts;
  readonly #memory: Memory;
  readonly #onWorker: boolean;
  readonly #instruments: SuspectInstruments;
  readonly #gatherer: Gatherer;
  #episode: Episode | undefined;
  /** The kernel's word on a thread that is not late yet: where its CPU time is counted from if it will be. */
  #earlyReading: ThreadReading | null = null;
  #hungMs: number | null = null;

  constructor(
    ports: SuspectPorts,
    memory: Memory,
    onWorker: boolean,
    instruments: SuspectInstruments,
  ) {
    this.#ports = ports;
    this.#memory = memory;
    this.#onWorker = onWorker;
    this.#instruments = instruments;
    this.#gatherer = new Gatherer(ports, instruments.sampler, instruments.thread);
  }

  /** 1 while there is a suspect whose thread does more than wait for work, else 0. */
  get open(): number {
    return this.#episode === undefined || this.#episode.waiting ? 0 : 1;
  }

  /** When the suspect is to be sampled again; null without one. */
  get nextSampleMs(): number | null {
    return this.#episode?.nextSampleMs ?? null;
  }

  /**
   * How long a hang that was announced has been seen to go on since, in ms: without the time in which
   * the watchdog did not run, or the program had asked not to be watched. Null without one.
   */
  get hungMs(): number | null {
    return this.#hungMs;
  }

  /** Counts time in which the watchdog ran, and the program had not asked not to be watched. */
  addWatched(ms: number): void {
    if (this.#hungMs !== null) this.#hungMs += ms;
  }

  /** Reads, once a turn, the state of a thread that may become late. */
  readEarly(): void {
    this.#earlyReading ??= this.#instruments.thread.read();
  }

  /** The thread has made beats. */
  turned(): void {
    this.#earlyReading = null;
  }

  /** The turn after a beat is late. */
  begin(after: Beat): Episode {
    const episode = new Episode(after, this.#onWorker);
    this.#gatherer.begin();
    episode.evidence.readings.add(this.#earlyReading);
    for (const sample of this.#instruments.short.takeSamples()) episode.add(sample);
    this.#episode = episode;
    return episode;
  }

  /** The suspect has lasted for hangMs. */
  expectHang(): void {
    if (this.#episode !== undefined) this.#episode.hangDue = true;
  }

  /** Takes what evidence there is to take of the suspect, and says what it is good for by now. */
  gather(now: number, state: DetectorState): void {
    const episode = this.#episode;
    if (episode === undefined) return;
    const rests = this.#gatherer.gather(episode, now);
    if (rests !== null) {
      this.#endWork(episode, rests.capture.ranAtMs);
      return;
    }
    this.#confirmEarly(episode, state);
    this.#announce(episode, state);
    this.#note(episode, state);
  }

  /** A turn that was long has ended, whether or not it was suspected while it lasted. */
  close(found: Turn, suspected: boolean): Judgement['verdict'] {
    const { judge, sampler, thread } = this.#instruments;
    const episode =
      suspected && this.#episode !== undefined ? this.#episode : this.begin(found.after);
    this.#episode = undefined;
    this.#setHung(false);
    const landed = sampler.collect(found.after.number);
    if (landed !== null) episode.add(landed);
    if (!episode.waiting) episode.evidence.readings.add(thread.read());
    const waitedMs = episode.waitedMs(found.endMs);
    const turn = { ...found, idleMs: found.idleMs + waitedMs };
    const thresholdMs = this.#thresholdOf(episode);
    const workedMs = turn.endMs - turn.after.atMs - turn.idleMs;
    if (waitedMs > 0 && workedMs <= thresholdMs && !episode.announced) {
      this.#ports.forget(episode.id);
      return 'none';
    }
    const verdict = judge.end(episode, turn, thresholdMs);
    if (verdict === 'block') confirmTurn(this.#memory, found.after.number);
    else if (episode.confirmed) retractTurn(this.#memory, found.after.number);
    return verdict;
  }

  /** The thread, or the process with it, has ended, and the suspect with it. */
  end(now: number, last: Beat): void {
    const episode = this.#episode;
    if (episode === undefined) return;
    if (episode.samples > 0) {
      this.close({ ...NOTHING_UNSEEN, after: last, endMs: now, atExit: true }, true);
      return;
    }
    this.#ports.forget(episode.id);
    this.#episode = undefined;
  }

  #thresholdOf({ evidence }: Episode): number {
    return this.#instruments.threshold.of(evidence.scope());
  }

  /** Says, for those who ask whether the program is alive, that a hang goes on or is over. */
  #setHung(isHung: boolean): void {
    this.#hungMs = isHung ? 0 : null;
    Atomics.store(this.#memory.words, Word.hung, isHung ? 1 : 0);
  }

  /**
   * Says while a turn lasts that it is a block, if by now it surely is: the program may be about to
   * answer the request that made it.
   */
  #confirmEarly(episode: Episode, { last, unseenMs, suspendedMs }: DetectorState): void {
    if (episode.confirmed || episode.waiting) return;
    const endMs = nowMs();
    // How long the loop waited before it was blocked is not known yet: a beat at the most.
    const idleMs = Math.min(this.#ports.settings.beatMs, endMs - last.atMs);
    const pausedMs = pausedUntil(this.#memory, endMs) - last.pausedMs;
    const turn = { after: last, endMs, idleMs, pausedMs, unseenMs, suspendedMs, atExit: false };
    const thresholdMs = this.#thresholdOf(episode);
    if (this.#instruments.judge.of(episode, turn, thresholdMs).verdict !== 'block') return;
    episode.confirmed = true;
    confirmTurn(this.#memory, last.number);
  }

  /** A worker that waits for work again has ended what it did, although its loop has not turned. */
  #endWork(episode: Episode, seenMs: number): void {
    // Somewhere between the last sample of the work and the first of the wait.
    const endMs = (episode.workedUntilMs + seenMs) / 2;
    const { after } = episode;
    const workedMs = endMs - after.atMs - episode.waitedMs(endMs);
    this.#episode = episode.resting(nowMs());
    const turn = { ...NOTHING_UNSEEN, after: { ...after, atMs: endMs - workedMs }, endMs };
    this.#instruments.judge.end(episode, turn, this.#thresholdOf(episode));
  }

  /** Writes what is known of a turn that goes on: at its first sample, and when it is twice as long. */
  #note(episode: Episode, { last }: DetectorState): void {
    const durationMs = nowMs() - last.atMs;
    if (episode.noteDueMs === null || durationMs < episode.noteDueMs) return;
    if (episode.paused === true || episode.waiting) return;
    episode.noteDueMs = 2 * durationMs;
    const thresholdMs = this.#thresholdOf(episode);
    const record = this.#instruments.judge.soFar(episode, durationMs, thresholdMs);
    this.#ports.note(record, episode.evidence);
  }

  /** Reports a hang while it lasts, as soon as the evidence says that it is one. */
  #announce(episode: Episode, { last, unseenMs }: DetectorState): void {
    if (!episode.hangDue || episode.announced || this.#ports.debuggers?.waiting === true) return;
    const { judge } = this.#instruments;
    const endMs = nowMs();
    const idleMs = episode.waitedMs(endMs);
    const turn: Turn = { ...NOTHING_UNSEEN, after: last, endMs, idleMs };
    const thresholdMs = this.#thresholdOf(episode);
    if (idleMs > 0 && endMs - last.atMs - idleMs < this.#ports.settings.hangMs) return;
    if (judge.of(episode, turn, thresholdMs).verdict !== 'block') return;
    episode.hung = true;
    episode.announced = true;
    this.#setHung(true);
    const durationMs = endMs - last.atMs - idleMs - unseenMs;
    const record = judge.soFar(episode, durationMs, thresholdMs);
    const { evidence } = episode;
    // While it lasts, the program can't send anything itself.
    const startup = episode.isStartup();
    this.#ports.report({ record, startup, evidence, beat: null, span: null });
    // Also one without any stack, which sleeps in a system call.
    episode.noteDueMs ??= 2 * durationMs;
  }
}
