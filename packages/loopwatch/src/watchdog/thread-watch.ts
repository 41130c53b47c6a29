/** The watch over one thread: what it sees at each tick, and what it makes of it. */
import { nowMs } from '../shared/clock.js';
import {
  type Beat,
  Clock,
  latestBeat,
  type Memory,
  memory,
  pausedUntil,
  readBeats,
  readGcSpans,
  Word,
} from '../shared/memory.js';
import type { WatchedThread } from '../shared/messages.js';
import type { Settings } from '../shared/option-schema.js';
import type { BlockRecord, ThreadInfo, Unconfirmed } from '../shared/record.js';
import { AdaptiveThreshold } from './adaptive.js';
import { confirm, type Judgement } from './confirm.js';
import { Cuts } from './cuts.js';
import type { DebuggerQuestion } from './debugger-question.js';
import {
  type Detection,
  type DetectorState,
  delayOf,
  detect,
  initialState,
  nextDueMs,
  TOLERATED_LATENESS_MS,
  type Turn,
} from './detect.js';
import { Episode } from './episode.js';
import { gcBetween } from './gc.js';
import { isContended, type PressureGauge, type PressureStretch } from './pressure.js';
import { recordFrom } from './report.js';
import type { Sample, Sampler } from './sample.js';
import { nextSampleMs } from './schedule.js';
import { type Look, ThreadState } from './thread-state.js';

/** The longest wait between two ticks, however rare the beats are: an exit may wait for a tick. */
const POLL_MS = 100;

/** A hang that lasts: the detector has left out already what the watchdog did not see. */
const NOTHING_UNSEEN = { idleMs: 0, unseenMs: 0, suspendedMs: 0, pausedMs: 0, atExit: false };

/**
 * Beats after a block until its garbage collections are known: Node hands them to the program in the
 * two turns after the one that they were in.
 */
const SETTLING_BEATS = 2;

/** How long a block may wait for those beats, in ms, when the loop is blocked again at once. */
const SETTLING_MS = 150;

/** How often a worker that waits for work is sampled, unless it is seen to wake up, in ms. */
const WAITING_MS = 5000;

/** How often a thread that sleeps is asked whether a debugger has paused it, in ms. */
const ASK_EVERY_MS = 250;

/** What a thread's watch needs of the process's. */
export interface Desk {
  readonly settings: Settings;
  /** Makes a record that is not finished safe. */
  note(record: BlockRecord): void;
  forget(id: string): void;
  report(record: BlockRecord, startup: boolean): void;
  tell(event: Unconfirmed): void;
  readonly gauge: PressureGauge;
  /** 1 for a few threads, more for many: what is done for each of them is done that much less often. */
  readonly crowd: number;
  /** Whether a debugger may be asked for; only for the main thread. */
  readonly debuggers: DebuggerQuestion | null;
}

/** A block that has ended, until all is known of it. */
interface Settling {
  readonly episode: Episode;
  readonly endMs: number;
  readonly durationMs: number;
  readonly thresholdMs: number;
  readonly lastBeat: number;
  readonly sinceMs: number;
}

/** Watches one thread through its shared memory. */
export class ThreadWatch {
  readonly memory: Memory;
  readonly id: number;
  #name: string;
  readonly #desk: Desk;
  readonly #sampler: Sampler;
  readonly #thread: ThreadState;
  readonly #cuts: Cuts;
  readonly #adaptive = new AdaptiveThreshold();
  #state: DetectorState;
  #episode: Episode | undefined;
  #settling: Settling[] = [];
  /** A look at a thread that is not late yet: where its CPU time is counted from if it will be. */
  #earlyLook: Look | null = null;
  #askedMs = Number.NEGATIVE_INFINITY;
  /** How often a thread that waits for work had given up its CPU when it was last looked at. */
  #switches: number | null = null;
  #wakeLookMs = 0;
  #hungMs: number | null = null;
  #tickedMs = nowMs();

  constructor({ id, name, buffer, offset, taskId }: WatchedThread, desk: Desk, sampler: Sampler) {
    this.memory = memory(buffer, offset);
    this.id = id;
    this.#name = name;
    this.#desk = desk;
    this.#sampler = sampler;
    this.#thread = new ThreadState(taskId);
    this.#cuts = new Cuts();
    const latest = readBeats(this.memory, (latestBeat(this.memory) - 1) >>> 0).at(-1);
    this.#state = initialState(latest ?? { number: 0, atMs: nowMs(), idleMs: 0, pausedMs: 0 });
  }

  set name(name: string) {
    this.#name = name;
  }

  /** Suspects that are open, blocks of which not all is known yet, and short blocks that add up. */
  get open(): number {
    const suspects = this.#episode === undefined || this.#episode.waiting ? 0 : 1;
    return suspects + this.#settling.length + (this.#cuts.isExceeded ? 1 : 0);
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

  get #info(): ThreadInfo {
    return { id: this.id, name: this.#name };
  }

  configure(): void {
    this.#adaptive.reset();
  }

  /**
   * One look at the thread.
   *
   * @param dueMs when the watchdog had meant to look
   */
  tick(now: number, dueMs: number): void {
    const { settings } = this.#desk;
    const exiting = this.#exiting;
    const before = this.#state.last;
    const beats = readBeats(this.memory, before.number);
    const pausedMs = pausedUntil(this.memory, now);
    const observation = { nowMs: now, dueMs, beats, pausedMs, exiting };
    const limits = { thresholdMs: this.#suspicionMs(now), hangMs: settings.hangMs };
    const { state, detections } = detect(this.#state, observation, limits);
    this.#state = state;
    const onTime = now - dueMs <= TOLERATED_LATENESS_MS;
    if (this.#hungMs !== null && onTime && !this.#isPaused) this.#hungMs += now - this.#tickedMs;
    this.#tickedMs = now;
    const judged = new Map<number, Judgement['verdict']>();
    for (const detection of detections) this.#follow(detection, judged);
    this.#learn(before, beats, judged, now - dueMs);
    if (beats.length > 0) this.#earlyLook = null;
    if (now - state.last.atMs > 2 * settings.beatMs) this.#earlyLook ??= this.#thread.look();
    if (!exiting && !this.#isPaused) this.#gather(now);
    this.#reportCuts(now, exiting);
    this.#settle(now, exiting);
    Atomics.store(this.memory.words, Word.seen, state.last.number | 0);
    Atomics.add(this.memory.words, Word.tick, 1);
  }

  /** When there is something to look at again. */
  dueMs(now: number): number {
    const { settings } = this.#desk;
    const limits = { thresholdMs: this.#suspicionMs(now) };
    let dueMs = nextDueMs(this.#state, now, Math.min(settings.beatMs, POLL_MS), limits);
    if (this.#episode !== undefined) {
      dueMs = Math.min(dueMs, Math.max(now, this.#episode.nextSampleMs));
    } else if (this.#cuts.isGathering(settings.cumulative)) {
      const sampleMs = this.#cuts.sampleDueMs(this.#state.last, settings.beatMs);
      if (sampleMs > now) dueMs = Math.min(dueMs, sampleMs);
    }
    return dueMs;
  }

  /** The thread, or the process with it, has ended: what is under way ends with it. */
  end(now: number): void {
    const episode = this.#episode;
    if (episode !== undefined && episode.samples > 0) {
      const turn = { ...NOTHING_UNSEEN, after: this.#state.last, endMs: now, atExit: true };
      this.#close(turn, true);
    } else if (episode !== undefined) {
      this.#desk.forget(episode.id);
      this.#episode = undefined;
    }
    this.#reportCuts(now, true);
    this.#settle(now, true);
    this.#thread.close();
  }

  get #isPaused(): boolean {
    return this.memory.clocks[Clock.pausedSinceMs] !== 0;
  }

  /** The threshold outside of every `watch`. */
  #usualMs(now: number): number {
    const { adaptive, thresholdMs, hangMs } = this.#desk.settings;
    if (adaptive === false) return thresholdMs;
    return this.#adaptive.at(now, adaptive, { leastMs: thresholdMs, mostMs: hangMs });
  }

  /** The silence from which on it has to be looked into. */
  #suspicionMs(now: number): number {
    const scopedMs = this.memory.clocks[Clock.scopedThresholdMs] as number;
    const usualMs = this.#usualMs(now);
    return scopedMs > 0 ? Math.min(scopedMs, usualMs) : usualMs;
  }

  /** The threshold that a turn is judged by: that of the `watch` it was in, or the usual one. */
  #thresholdOf({ evidence }: Episode): number {
    return evidence.scope()?.thresholdMs ?? this.#usualMs(nowMs());
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
    this.#askedMs = Number.NEGATIVE_INFINITY;
    episode.evidence.looks.add(this.#earlyLook);
    for (const sample of this.#cuts.takeSamples()) episode.add(sample);
    this.#episode = episode;
    return episode;
  }

  /** What the gaps between beats that were no suspects teach: usual delays, and short blocks. */
  #learn(
    before: Beat,
    beats: readonly Beat[],
    judged: ReadonlyMap<number, Judgement['verdict']>,
    lateMs: number,
  ): void {
    const { adaptive, beatMs, cumulative, startup } = this.#desk.settings;
    let last = before;
    for (const beat of beats) {
      const verdict = judged.get(last.number) ?? 'none';
      const delayMs = delayOf(last, beat, beatMs);
      // A late watchdog has no evidence against anyone.
      if (adaptive !== false && verdict !== 'unconfirmed') this.#adaptive.add([delayMs], adaptive);
      if (cumulative !== false) {
        // What was judged as a turn of its own is spoken for.
        const counts = !judged.has(last.number) && (startup === 'report' || Cuts.isUp(last));
        this.#cuts.add(last, beat, { delayMs, counts, lateMs, beatMs, look: () => this.#look() });
      }
      last = beat;
    }
  }

  #look(): Look | null {
    return this.#thread.look();
  }

  /** Takes a sample when one is due, and writes the first to the journal at once. */
  #gather(now: number): void {
    const episode = this.#episode;
    if (episode === undefined) {
      this.#gatherCut(now);
      return;
    }
    const landed = this.#sampler.waiting ? this.#sampler.collect(episode.after.number) : null;
    if (landed !== null) this.#addSample(episode, landed);
    if (this.#episode !== episode) return;
    const woken = episode.waiting && this.#hasWoken(now);
    if (episode.waiting && !woken) episode.keepWaiting(now);
    if (woken || now >= episode.nextSampleMs) this.#sample(episode);
    if (this.#episode !== episode) return;
    this.#announce(episode);
    this.#note(episode);
  }

  /** Whether a thread that was waiting for work has run since: then it may have found some. */
  #hasWoken(now: number): boolean {
    if (now < this.#wakeLookMs) return false;
    this.#wakeLookMs = now + this.#desk.settings.beatMs * this.#desk.crowd;
    const before = this.#switches;
    this.#switches = this.#thread.switches();
    return before !== null && this.#switches !== before;
  }

  #gatherCut(now: number): void {
    const { cumulative, beatMs } = this.#desk.settings;
    const { last } = this.#state;
    if (!this.#cuts.isGathering(cumulative) || now < this.#cuts.sampleDueMs(last, beatMs)) return;
    if (!this.#cuts.wantsSample(last)) {
      const landed = this.#sampler.waiting ? this.#sampler.collect(last.number) : null;
      if (landed !== null) this.#cuts.addSample(last, landed, null);
      return;
    }
    const look = this.#thread.look();
    this.#cuts.addSample(last, this.#sampler.take(last.number), look);
  }

  #sample(episode: Episode): void {
    const { evidence } = episode;
    const look = this.#thread.look();
    if (!episode.waiting) evidence.looks.add(look);
    if (!this.#sampler.waiting) {
      const sample = this.#sampler.take(episode.after.number);
      if (sample !== null) this.#addSample(episode, sample);
      if (episode.inspected && look?.runnable !== true) this.#askDebugger(episode);
    }
    const elapsedMs = nowMs() - this.#state.last.atMs;
    const { sampleMs } = this.#desk.settings;
    const { samples, spentMs } = episode;
    const waitMs = nextSampleMs(sampleMs, samples, spentMs, elapsedMs, Math.random());
    if (episode.paused === true) episode.nextSampleMs = Number.POSITIVE_INFINITY;
    else episode.nextSampleMs = nowMs() + (episode.waiting ? WAITING_MS : waitMs);
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

  #addSample(episode: Episode, sample: Sample): void {
    const wasWaiting = episode.waiting;
    episode.add(sample);
    if (!episode.waiting) episode.noteDueMs ??= 0;
    const { sampleMs } = this.#desk.settings;
    // The sample itself has woken it: what it does from now on counts.
    this.#switches = null;
    if (episode.waiting) episode.nextSampleMs = nowMs() + WAITING_MS;
    else if (wasWaiting) episode.nextSampleMs = nowMs() + sampleMs;
    if (episode.waiting && episode.samples > 0) this.#endWork(episode, sample.capture.ranAtMs);
  }

  /** A worker that waits for work again has ended what it did, although its loop has not turned. */
  #endWork(episode: Episode, seenMs: number): void {
    // Somewhere between the last sample of the work and the first of the wait.
    const endMs = (episode.workedUntilMs + seenMs) / 2;
    const { after } = episode;
    const workedMs = endMs - after.atMs - episode.waitedMs(endMs);
    this.#episode = episode.resting(nowMs());
    this.#judge(episode, {
      ...NOTHING_UNSEEN,
      after: { ...after, atMs: endMs - workedMs },
      endMs,
    });
  }

  /** Writes what is known of a turn that goes on: at its first sample, and when it is twice as long. */
  #note(episode: Episode): void {
    const durationMs = nowMs() - this.#state.last.atMs;
    if (episode.noteDueMs === null || durationMs < episode.noteDueMs) return;
    if (episode.paused === true || episode.waiting) return;
    episode.noteDueMs = 2 * durationMs;
    this.#desk.note(this.#soFar(episode, durationMs));
  }

  #soFar(episode: Episode, durationMs: number): BlockRecord {
    return recordFrom(episode.evidence, {
      id: episode.id,
      kind: episode.hung ? 'hang' : 'block',
      ...{ startMs: this.#state.last.atMs, durationMs, ended: false, gc: null },
      thresholdMs: this.#thresholdOf(episode),
      startup: episode.isStartup(),
      thread: this.#info,
    });
  }

  /** Reports a hang while it lasts, as soon as the evidence says that it is one. */
  #announce(episode: Episode): void {
    if (!episode.hangDue || episode.announced || this.#desk.debuggers?.waiting === true) return;
    const endMs = nowMs();
    const idleMs = episode.waitedMs(endMs);
    const turn: Turn = { ...NOTHING_UNSEEN, after: this.#state.last, endMs, idleMs };
    const thresholdMs = this.#thresholdOf(episode);
    if (idleMs > 0 && endMs - this.#state.last.atMs - idleMs < this.#desk.settings.hangMs) return;
    const witness = episode.witness(isContended(this.#pressureSince(this.#state.last)));
    if (confirm(turn, witness, thresholdMs).verdict !== 'block') return;
    episode.hung = true;
    episode.announced = true;
    this.#hungMs = 0;
    const durationMs = endMs - this.#state.last.atMs - idleMs - this.#state.unseenMs;
    this.#desk.report(this.#soFar(episode, durationMs), episode.isStartup());
    // Also one without any stack, which sleeps in a system call.
    episode.noteDueMs ??= 2 * durationMs;
  }

  #close(found: Turn, suspected: boolean): Judgement['verdict'] {
    const episode =
      suspected && this.#episode !== undefined ? this.#episode : this.#open(found.after);
    this.#episode = undefined;
    this.#hungMs = null;
    const landed = this.#sampler.collect(found.after.number);
    if (landed !== null) episode.add(landed);
    if (!episode.waiting) episode.evidence.looks.add(this.#thread.look());
    const waitedMs = episode.waitedMs(found.endMs);
    const turn = { ...found, idleMs: found.idleMs + waitedMs };
    if (waitedMs > 0 && turn.endMs - turn.after.atMs - turn.idleMs <= this.#thresholdOf(episode)) {
      this.#desk.forget(episode.id);
      return 'none';
    }
    return this.#judge(episode, turn);
  }

  #judge(episode: Episode, turn: Turn): Judgement['verdict'] {
    const thresholdMs = this.#thresholdOf(episode);
    const stretch = this.#pressureSince(turn.after);
    const judgement = confirm(turn, episode.witness(isContended(stretch)), thresholdMs);
    if (judgement.verdict === 'block' || episode.announced) {
      // A hang that was reported must end, whatever its last moments looked like.
      const durationMs =
        judgement.verdict === 'none' ? turn.endMs - turn.after.atMs : judgement.durationMs;
      episode.hung ||= durationMs >= this.#desk.settings.hangMs;
      const times = { endMs: turn.endMs, durationMs, thresholdMs, sinceMs: nowMs() };
      this.#settling.push({ episode, ...times, lastBeat: (turn.after.number + 1) >>> 0 });
      return 'block';
    }
    this.#desk.forget(episode.id);
    if (judgement.verdict === 'unconfirmed') {
      this.#tell(judgement.reason, judgement.durationMs, stretch);
    }
    return judgement.verdict;
  }

  #pressureSince({ atMs }: Beat): PressureStretch | null {
    return this.#desk.gauge.since(atMs, nowMs());
  }

  #tell(
    reason: Unconfirmed['reason'],
    durationMs: number,
    stretch: PressureStretch | null = null,
  ): void {
    const pressure = reason === 'starved' ? (stretch?.pressure ?? null) : null;
    const rounded = Math.round(durationMs * 10) / 10;
    this.#desk.tell({ reason, durationMs: rounded, thread: this.#info, pressure });
  }

  /** Reports the blocks of which all is known, or of which no more will be. */
  #settle(now: number, last: boolean): void {
    const waiting: Settling[] = [];
    for (const settling of this.#settling) {
      const beats = (latestBeat(this.memory) - settling.lastBeat) >>> 0;
      const known = beats >= SETTLING_BEATS;
      if (known || last || now - settling.sinceMs >= SETTLING_MS) {
        this.#reportSettled(settling, known);
      } else {
        waiting.push(settling);
      }
    }
    this.#settling = waiting;
  }

  #reportSettled({ episode, ...facts }: Settling, known: boolean): void {
    const { endMs, durationMs, thresholdMs } = facts;
    const startMs = endMs - durationMs;
    const gc = gcBetween(readGcSpans(this.memory), startMs, endMs);
    const startup = episode.isStartup();
    const record = recordFrom(episode.evidence, {
      id: episode.id,
      kind: episode.hung ? 'hang' : 'block',
      ...{ startMs, durationMs, thresholdMs, ended: true, startup },
      thread: this.#info,
      gc: known || gc.count > 0 ? gc : null,
    });
    this.#desk.report(record, startup);
  }

  #reportCuts(now: number, last: boolean): void {
    const { cumulative, hangMs } = this.#desk.settings;
    if (cumulative === false) return;
    const over = this.#cuts.step(now, cumulative, hangMs, last);
    if (over === null) return;
    const { stretch, evidence, judgement, id } = over;
    if (judgement.verdict === 'unconfirmed') {
      const { gauge } = this.#desk;
      this.#tell(judgement.reason, stretch.ms, gauge.since(stretch.startMs, now));
      return;
    }
    const gcs = gcBetween(readGcSpans(this.memory), stretch.startMs, stretch.endMs);
    const record = recordFrom(evidence, {
      ...{ id, kind: 'cumulative', startMs: stretch.startMs, durationMs: stretch.ms, ended: true },
      ...{ thresholdMs: cumulative.thresholdMs, startup: false, thread: this.#info, gc: gcs },
    });
    this.#desk.report(record, false);
  }
}
