/**
 * Takes the blocked stack: connects an inspector session to the watched thread, has the prepared
 * function evaluated on top of whatever runs there, and disconnects.
 *
 * The answer comes through shared memory. An evaluate that can't land at once (a native call is
 * under way) stays queued even after the disconnect and lands when that call returns; there is
 * never more than one of them, and {@link Sampler.collect} picks it up.
 */
import { Session } from 'node:inspector';
import { nowMs } from '../shared/clock.js';
import { type Memory, Word } from '../shared/memory.js';
import type { Capture } from '../shared/messages.js';

/** One capture with the story of its arrival. */
export interface Sample {
  readonly capture: Capture;
  /** True when its wait says that something was not interruptible. */
  readonly late: boolean;
}

/** How long a tick waits for the answer. Landing takes 0.2 to 0.5 ms where it can land at all. */
const ANSWER_MS = 5;

/**
 * A capture that took longer than this to land waited for a native call. Twenty times the usual
 * time; a shorter native call is too short to matter in a block.
 */
const LATE_MS = 10;

interface Outstanding {
  readonly id: number;
  readonly beat: number;
}

/** Samples one watched thread. */
export class Sampler {
  readonly #memory: Memory;
  #outstanding: Outstanding | undefined;
  // A watchdog that was restarted must not take its predecessor's last answer for its own.
  #nextId = Math.floor(nowMs()) & 0x3fff_ffff;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Whether a capture is posted and has not landed. */
  get waiting(): boolean {
    return this.#outstanding !== undefined;
  }

  /** Posts a capture for the turn after `beat` and waits a few ms for it. */
  take(beat: number): Sample | null {
    const { words } = this.#memory;
    const id = ++this.#nextId & 0x7fff_ffff;
    // See main/exit.ts for the other side of this handshake.
    Atomics.store(words, Word.connected, 1);
    let session: Session | undefined;
    try {
      if (Atomics.load(words, Word.exiting) === 1) return null;
      session = new Session();
      session.connectToMainThread();
      this.#outstanding = { id, beat };
      session.post('Runtime.evaluate', {
        expression: `globalThis[Symbol.for('loopwatch')]?.snapshot?.(${id},${beat},${nowMs()})\n//# sourceURL=loopwatch:capture`,
        silent: true,
        returnByValue: true,
      });
      this.#await(id);
    } finally {
      session?.disconnect();
      Atomics.store(words, Word.connected, 0);
      Atomics.notify(words, Word.connected);
    }
    return this.collect(beat);
  }

  #await(id: number): void {
    const { words } = this.#memory;
    const untilMs = nowMs() + ANSWER_MS;
    for (;;) {
      const answered = Atomics.load(words, Word.captureId);
      const leftMs = untilMs - nowMs();
      if (answered === id || leftMs <= 0 || Atomics.load(words, Word.exiting) === 1) return;
      Atomics.wait(words, Word.captureId, answered, leftMs);
    }
  }

  /**
   * The posted capture, if it has landed and belongs to the turn after `beat`. An answer to an
   * older question, or one from a later turn, is no evidence and is dropped.
   */
  collect(beat: number): Sample | null {
    const outstanding = this.#outstanding;
    if (outstanding === undefined) return null;
    const { words, capture: slot } = this.#memory;
    if (Atomics.load(words, Word.captureId) !== outstanding.id) {
      if (outstanding.beat !== beat) this.#outstanding = undefined;
      return null;
    }
    this.#outstanding = undefined;
    if (outstanding.beat !== beat) return null;
    const capture = this.#parse(slot.toString('utf8', 0, words[Word.captureBytes]));
    if (capture === null || capture.frames === null) return null;
    return { capture, late: capture.waitedMs > LATE_MS };
  }

  #parse(text: string): Capture | null {
    try {
      return JSON.parse(text) as Capture;
    } catch {
      // The program has changed what JSON.stringify makes of an array.
      return null;
    }
  }
}
