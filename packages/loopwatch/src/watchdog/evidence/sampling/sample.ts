/**
 * Takes the blocked stack: has the prepared function evaluated on top of whatever runs.
 *
 * The answer comes through shared memory. An evaluate that can't land at once (a native call is
 * under way) stays queued even after the disconnect and lands when that call returns; there is
 * never more than one of them, and {@link Sampler.collect} picks it up.
 */
import { nowMs } from '../../../shared/clock.js';
import { Clock, type Memory, Word } from '../../../shared/memory/memory.js';
import { type Capture, LATE_MS } from '../../../shared/messages/messages.js';
import type { Connections } from './connections.js';
import { evaluation } from './evaluation.js';
import type { WorkerSessions } from './worker-sessions.js';

/** One capture with the story of its arrival. */
export interface Sample {
  readonly capture: Capture;
  /** True when its wait says that something was not interruptible. */
  readonly late: boolean;
}

/** How long a tick waits for the answer. Landing takes 0.2 to 0.5 ms where it can land at all. */
const ANSWER_MS = 5;

interface Outstanding {
  readonly id: number;
  readonly beat: number;
}

/** Samples one watched thread. */
export abstract class Sampler {
  protected readonly memory: Memory;
  #outstanding: Outstanding | undefined;
  // A watchdog that was restarted must not take its predecessor's last answer for its own.
  #nextId = Math.floor(nowMs()) & 0x3fff_ffff;

  constructor(memory: Memory) {
    this.memory = memory;
  }

  /** Whether a capture is posted and has not landed. */
  get waiting(): boolean {
    return this.#outstanding !== undefined;
  }

  /** Posts a capture for the turn after `beat`; the sample, if it is there at once. */
  take(beat: number): Sample | null {
    const id = ++this.#nextId & 0x7fff_ffff;
    this.#outstanding = { id, beat };
    if (!this.post(id, beat)) this.#outstanding = undefined;
    return this.collect(beat);
  }

  /** Says what the next evaluation is about. */
  protected want(id: number, beat: number): void {
    const { words, clocks } = this.memory;
    words[Word.wantedBeat] = beat | 0;
    clocks[Clock.wantedAtMs] = nowMs();
    Atomics.store(words, Word.wantedId, id);
  }

  /** Forgets a capture that was never sent. */
  protected forget(id: number): void {
    if (this.#outstanding?.id === id) this.#outstanding = undefined;
  }

  /** Whether the thread is known to have ended. */
  get gone(): boolean {
    return false;
  }

  /** How long the capture had to wait for its thread, in ms. */
  protected waitOf({ waitedMs }: Capture): number {
    return waitedMs;
  }

  /** @returns whether it was posted */
  protected abstract post(id: number, beat: number): boolean;

  /**
   * The posted capture, if it has landed and belongs to the turn after `beat`. An answer to an
   * older question, or one from a later turn, is no evidence and is dropped.
   */
  collect(beat: number): Sample | null {
    const outstanding = this.#outstanding;
    if (outstanding === undefined) return null;
    const { words, capture: slot } = this.memory;
    if (Atomics.load(words, Word.captureId) !== outstanding.id) {
      if (outstanding.beat !== beat) this.#outstanding = undefined;
      return null;
    }
    this.#outstanding = undefined;
    if (outstanding.beat !== beat) return null;
    const capture = this.#parse(slot.toString('utf8', 0, words[Word.captureBytes]));
    if (capture === null) return null;
    return { capture, late: this.waitOf(capture) > LATE_MS };
  }

  /** Null for what was taken in another turn, or is none: a `toJSON` of the program may be in it. */
  #parse(text: string): Capture | null {
    try {
      const found = JSON.parse(text) as Partial<Capture> | null;
      return Array.isArray(found?.frames) ? (found as Capture) : null;
    } catch {
      return null;
    }
  }
}

/** Samples the main thread: connects, asks, waits a few ms for the answer, and disconnects. */
export class MainSampler extends Sampler {
  readonly #connections: Connections;

  constructor(memory: Memory, connections: Connections) {
    super(memory);
    this.#connections = connections;
  }

  protected post(id: number, beat: number): boolean {
    const session = this.#connections.open();
    if (session === null) return false;
    try {
      this.want(id, beat);
      session.post('Runtime.evaluate', evaluation());
      this.#await(id);
    } finally {
      this.#connections.close(session);
    }
    return true;
  }

  #await(id: number): void {
    const { words } = this.memory;
    const untilMs = nowMs() + ANSWER_MS;
    for (;;) {
      const answered = Atomics.load(words, Word.captureId);
      const leftMs = untilMs - nowMs();
      if (answered === id || leftMs <= 0 || this.#connections.exiting) return;
      Atomics.wait(words, Word.captureId, answered, leftMs);
    }
  }
}

/** Samples a worker thread, which is reached through the main thread; answers come in later ticks. */
export class WorkerSampler extends Sampler {
  readonly #threadId: number;
  readonly #sessions: WorkerSessions;
  #gone = false;
  /** When the main thread had passed the question on; infinite before that is known. */
  #passedOnMs = Number.POSITIVE_INFINITY;

  constructor(memory: Memory, threadId: number, sessions: WorkerSessions) {
    super(memory);
    this.#threadId = threadId;
    this.#sessions = sessions;
  }

  override get gone(): boolean {
    return this.#gone;
  }

  /** What the main thread took to pass the question on says nothing about this one. */
  protected override waitOf({ ranAtMs }: Capture): number {
    return Math.max(0, ranAtMs - this.#passedOnMs);
  }

  protected post(id: number, beat: number): boolean {
    this.#passedOnMs = Number.POSITIVE_INFINITY;
    return this.#sessions.ask(this.#threadId, {
      prepare: () => this.want(id, beat),
      isAnswered: () => Atomics.load(this.memory.words, Word.captureId) === id,
      passedOn: (atMs) => {
        this.#passedOnMs = atMs;
      },
      lost: (gone) => {
        this.#gone ||= gone;
        this.forget(id);
      },
    });
  }
}
