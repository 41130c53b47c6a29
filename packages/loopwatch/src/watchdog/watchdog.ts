/** The watchdog of one thread: ticks, and does what detection and confirmation decide. */
import { parentPort } from 'node:worker_threads';
import { nowMs } from '../shared/clock.js';
import { isLogged, levelOf, UNCONFIRMED_LEVEL } from '../shared/levels.js';
import { type Beat, latestBeat, type Memory, memory, readBeats, Word } from '../shared/memory.js';
import type { Setup, SinkName, Verdict, WatchdogData } from '../shared/messages.js';
import { notice } from '../shared/notice.js';
import type { BlockRecord } from '../shared/record.js';
import { confirm } from './confirm.js';
import {
  type Detection,
  type DetectorState,
  detect,
  initialState,
  nextDueMs,
  TOLERATED_LATENESS_MS,
} from './detect.js';
import { Episode } from './episode.js';
import { Journal } from './journal.js';
import { Outbox } from './outbox.js';
import { type Sample, Sampler } from './sample.js';
import { nextSampleMs } from './schedule.js';
import { type Look, ThreadState } from './thread-state.js';

/** The longest wait between two ticks, however rare the beats are: an exit may wait for a tick. */
const POLL_MS = 100;

/** How long a stop keeps looking for the end of what is under way, between two looks. */
const DRAIN_POLL_MS = 5;

/** A hang that lasts: the detector has left out already what the watchdog did not see. */
const NOTHING_UNSEEN = { idleMs: 0, unseenMs: 0, suspendedMs: 0, atExit: false };

function say(verdict: Verdict): void {
  parentPort?.postMessage(verdict);
}

/** Watches one thread through its shared memory. */
export class Watchdog {
  readonly #memory: Memory;
  readonly #sampler: Sampler;
  readonly #thread: ThreadState;
  readonly #journal: Journal;
  readonly #outbox: Outbox;
  #setup: Setup;
  #state: DetectorState;
  #episode: Episode | undefined;
  #dueMs: number;
  #timer: NodeJS.Timeout | undefined;
  /** A look at a thread that is not late yet: where its CPU time is counted from if it will be. */
  #earlyLook: Look | null = null;

  constructor({ buffer, setup, threadId }: WatchdogData) {
    this.#memory = memory(buffer);
    this.#setup = setup;
    this.#sampler = new Sampler(this.#memory);
    this.#thread = new ThreadState(threadId);
    this.#journal = new Journal(setup.settings.journalDir, notice);
    this.#outbox = new Outbox(setup, () => this.#publishPending());
    const latest = readBeats(this.#memory, (latestBeat(this.#memory) - 1) >>> 0).at(-1);
    this.#state = initialState(latest ?? { number: 0, atMs: nowMs(), idleMs: 0 });
    this.#dueMs = nowMs();
    this.#tick();
  }

  configure(setup: Setup): void {
    this.#setup = setup;
    this.#journal.moveTo(setup.settings.journalDir);
    this.#outbox.configure(setup);
  }

  /** Waits until what is reported is delivered, for at most exitFlushMs. */
  async stop(): Promise<void> {
    // The turn that asked for the stop may be the one that blocked.
    clearTimeout(this.#timer);
    this.#tick();
    const untilMs = nowMs() + this.#setup.settings.exitFlushMs;
    while (this.#pending() > 0 && nowMs() < untilMs) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
    }
    clearTimeout(this.#timer);
    await this.#outbox.close();
    say({ type: 'stopped' });
  }

  #tick(): void {
    const { words } = this.#memory;
    const { settings } = this.#setup;
    const exiting = Atomics.load(words, Word.exiting) === 1;
    const beats = readBeats(this.#memory, this.#state.last.number);
    const observation = { nowMs: nowMs(), dueMs: this.#dueMs, beats, exiting };
    const { state, detections } = detect(this.#state, observation, settings);
    this.#state = state;
    for (const detection of detections) this.#follow(detection);
    if (beats.length > 0) this.#earlyLook = null;
    const silentMs = observation.nowMs - state.last.atMs;
    if (silentMs > 2 * settings.beatMs) this.#earlyLook ??= this.#thread.look();
    if (this.#episode !== undefined && !exiting) this.#gather(this.#episode);
    Atomics.store(words, Word.seen, state.last.number | 0);
    Atomics.add(words, Word.tick, 1);
    this.#plan(observation.nowMs);
  }

  /** @param observedMs when this tick looked: what it did since is part of its blindness */
  #plan(observedMs: number): void {
    const now = nowMs();
    const { settings } = this.#setup;
    let dueMs = nextDueMs(this.#state, now, Math.min(settings.beatMs, POLL_MS), settings);
    if (this.#episode !== undefined) {
      dueMs = Math.min(dueMs, Math.max(now, this.#episode.nextSampleMs));
    }
    // Timers count whole ms from the loop's own time, which is up to 1 ms old.
    const waitMs = Math.max(1, Math.ceil(dueMs - now));
    // A stop of the process may fall into a tick as well as between two.
    this.#dueMs = Math.min(now, observedMs + TOLERATED_LATENESS_MS) + waitMs;
    this.#timer = setTimeout(() => this.#tick(), waitMs);
  }

  #follow(detection: Detection): void {
    switch (detection.type) {
      case 'suspect':
        this.#open(detection.after);
        break;
      case 'hang':
        this.#reportHang(detection);
        break;
      case 'closed':
        this.#close(detection);
        break;
    }
  }

  #open(after: Beat): Episode {
    this.#episode = new Episode(after);
    this.#episode.looks.add(this.#earlyLook);
    this.#publishPending();
    return this.#episode;
  }

  /** Takes a sample when one is due, and writes the first to the journal at once. */
  #gather(episode: Episode): void {
    const now = nowMs();
    const landed = this.#sampler.waiting ? this.#sampler.collect(episode.beat) : null;
    if (landed !== null) this.#addSample(episode, landed);
    if (now < episode.nextSampleMs) return;
    episode.looks.add(this.#thread.look());
    if (!this.#sampler.waiting) {
      const sample = this.#sampler.take(episode.beat);
      if (sample !== null) this.#addSample(episode, sample);
    }
    const elapsedMs = nowMs() - this.#state.last.atMs;
    const { sampleMs } = this.#setup.settings;
    const { samples, spentMs } = episode;
    episode.nextSampleMs =
      nowMs() + nextSampleMs(sampleMs, samples, spentMs, elapsedMs, Math.random());
  }

  #addSample(episode: Episode, sample: Sample): void {
    episode.add(sample);
    if (episode.samples > 1) return;
    const startMs = this.#state.last.atMs;
    const span = { startMs, durationMs: nowMs() - startMs, ended: false };
    this.#journal.write(episode.record(span, this.#setup.settings.thresholdMs));
  }

  #reportHang({ durationMs }: Extract<Detection, { type: 'hang' }>): void {
    const episode = this.#episode;
    if (episode === undefined) return;
    const soFar = { ...NOTHING_UNSEEN, after: this.#state.last, endMs: nowMs() };
    const judgement = confirm(soFar, episode.witness(), this.#setup.settings.thresholdMs);
    if (judgement.verdict !== 'block') return;
    episode.hung = true;
    episode.announced = true;
    const span = { startMs: this.#state.last.atMs, durationMs, ended: false };
    this.#report(episode, episode.record(span, this.#setup.settings.thresholdMs));
  }

  #close({ turn, suspected }: Extract<Detection, { type: 'closed' }>): void {
    const { thresholdMs } = this.#setup.settings;
    const episode =
      suspected && this.#episode !== undefined ? this.#episode : this.#open(turn.after);
    const landed = this.#sampler.collect(turn.after.number);
    if (landed !== null) episode.add(landed);
    episode.looks.add(this.#thread.look());
    const judgement = confirm(turn, episode.witness(), thresholdMs);
    if (judgement.verdict === 'block' || episode.announced) {
      // A hang that was reported must end, whatever its last moments looked like.
      const durationMs =
        judgement.verdict === 'none' ? turn.endMs - turn.after.atMs : judgement.durationMs;
      episode.hung ||= durationMs >= this.#setup.settings.hangMs;
      const span = { startMs: turn.endMs - durationMs, durationMs, ended: true };
      this.#report(episode, episode.record(span, thresholdMs));
    } else {
      this.#journal.remove(episode.id);
      if (judgement.verdict === 'unconfirmed') this.#tellUnconfirmed(judgement);
    }
    this.#episode = undefined;
    this.#publishPending();
  }

  #report(episode: Episode, record: BlockRecord): void {
    const { settings, sentry } = this.#setup;
    const startup = episode.isStartup();
    if (startup && settings.startup === 'ignore') {
      this.#journal.remove(record.id);
      return;
    }
    const quiet = startup && settings.startup === 'log';
    const level = levelOf(record, quiet);
    const sinks: SinkName[] = [];
    if (isLogged(level, settings)) sinks.push('log');
    // A hang is one event: Sentry has no way to add to it when it ends.
    if (sentry !== null && !quiet && !(episode.announced && record.ended)) sinks.push('sentry');
    say({ type: 'block', record });
    if (sinks.length === 0) {
      this.#journal.remove(record.id);
      return;
    }
    this.#journal.write(record);
    this.#outbox.deliver({ record, sinks, level }, () => {
      if (this.#episode !== episode) this.#journal.remove(record.id);
    });
  }

  #tellUnconfirmed(judgement: Omit<Extract<Verdict, { type: 'unconfirmed' }>, 'type'>): void {
    const { reason, durationMs } = judgement;
    say({ type: 'unconfirmed', reason, durationMs });
    if (!isLogged(UNCONFIRMED_LEVEL, this.#setup.settings)) return;
    this.#outbox.tell({ type: 'unconfirmed', reason, durationMs });
  }

  #pending(): number {
    return this.#outbox.size + (this.#episode === undefined ? 0 : 1);
  }

  #publishPending(): void {
    Atomics.store(this.#memory.words, Word.pending, this.#pending());
    Atomics.notify(this.#memory.words, Word.pending);
  }
}
