/**
 * CPU profiles of blocks: `@loopwatch/profiler` records them, when the option wants it or the program
 * itself has started it; the watchdog asks for those of its reports.
 */
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { nowMs } from '../../shared/clock.js';
import { messageOf } from '../../shared/errors.js';
import { readBeats } from '../../shared/memory/beats.js';
import type { Memory } from '../../shared/memory/memory.js';
import type { Order, SliceWanted } from '../../shared/messages/messages.js';
import { notice } from '../../shared/notice.js';
import type { Settings } from '../../shared/options/option-schema.js';
import {
  type ProfileSlice,
  profileFolder,
  RECORDER_CHANNEL,
  SLICE_CHANNEL,
  type SliceQuestion,
  type Span,
} from '../../shared/record/profiler.js';
import type { BlockRecord } from '../../shared/record/record.js';
import { optionalPackage } from './optional-package.js';

const PACKAGE = '@loopwatch/profiler';

/** What is used of the package. */
interface Package {
  readonly recorder: {
    start(options: { readonly escalate: boolean }): void;
    wake(): void;
    stop(): void;
  };
}

/** At an exit, only what ended in the last moments can still be on its way, in ms. */
const PENDING_MS = 1000;

/** Turns that were answered, so that an exit does not answer them again. */
const MOST_ANSWERED = 32;

/** Whether a profile would tell more of a block of the main thread than its samples did. */
function isOpenQuestion({ thread, cause, culprit }: BlockRecord): boolean {
  if (thread.id !== 0 || culprit?.precision === 'exact') return false;
  return cause === 'native' || cause === 'sync-io' || cause === 'unknown';
}

export class Profiles {
  readonly #send: (order: Order) => void;
  readonly #slices = channel(SLICE_CHANNEL);
  readonly #answered = new Set<number>();
  #settings: Settings | null = null;
  /** What the option was when the package was loaded for it. */
  #begun: 'auto' | 'on' | null = null;
  #stop: (() => void) | undefined;

  readonly #onRecorder = (message: unknown): void => {
    const { recording } = message as { readonly recording?: unknown };
    this.#send({ type: 'recording', recording: recording === true });
  };

  /** @param send tells the watchdog */
  constructor(send: (order: Order) => void) {
    this.#send = send;
    subscribe(RECORDER_CHANNEL, this.#onRecorder);
  }

  configure(settings: Settings): void {
    this.#settings = settings;
    if (this.#slices.hasSubscribers) this.#send({ type: 'recording', recording: true });
    if (settings.profiler !== this.#begun) this.#end();
    if (settings.profiler === 'on') void this.#begin('on');
  }

  /** A block was found: one of which a profile would have known more starts the recorder. */
  consider(record: BlockRecord): void {
    if (this.#settings?.profiler === 'auto' && isOpenQuestion(record)) void this.#begin('auto');
  }

  /** The watchdog wants the slice of a turn. */
  answer({ beat, untilMs, ...span }: SliceWanted): void {
    // Nobody waits for it any more.
    if (nowMs() < untilMs) this.#answer(beat, span);
  }

  /** The process exits: there will be no turn in which the watchdog could ask. */
  answerLast(memory: Memory): void {
    const { thresholdMs = Number.POSITIVE_INFINITY } = this.#settings ?? {};
    if (!this.#slices.hasSubscribers) return;
    const beats = readBeats(memory, 0);
    const sinceMs = nowMs() - PENDING_MS;
    beats.forEach(({ number, atMs, idleMs }, index) => {
      const next = beats[index + 1];
      if (next === undefined || next.atMs < sinceMs || this.#answered.has(number)) return;
      const startMs = atMs + Math.max(0, next.idleMs - idleMs);
      if (next.atMs - startMs >= thresholdMs) this.#answer(number, { startMs, endMs: next.atMs });
    });
  }

  stop(): void {
    this.#end();
    unsubscribe(RECORDER_CHANNEL, this.#onRecorder);
  }

  #answer(beat: number, span: Span): void {
    let slice: ProfileSlice | null = null;
    const { startMs, endMs } = span;
    const question: SliceQuestion = {
      ...{ startMs, endMs },
      directory: profileFolder(this.#settings?.journalDir ?? ''),
      answer: (found) => {
        slice = found;
      },
    };
    this.#slices.publish(question);
    this.#send({ type: 'sliced', beat, slice });
    this.#answered.add(beat);
    const [oldest] = this.#answered;
    if (this.#answered.size > MOST_ANSWERED && oldest !== undefined) this.#answered.delete(oldest);
  }

  #end(): void {
    this.#begun = null;
    this.#stop?.();
    this.#stop = undefined;
  }

  async #begin(how: 'auto' | 'on'): Promise<void> {
    // The program may have started it itself, with options of its own.
    if (this.#begun !== null || this.#slices.hasSubscribers) return;
    this.#begun = how;
    try {
      const found = (await optionalPackage(PACKAGE)) as Package | null;
      if (found === null && how === 'on') throw new Error(`${PACKAGE} is not installed`);
      // It may have been changed, or stopped, meanwhile.
      if (found === null || this.#begun !== how) return;
      const { recorder } = found;
      recorder.start({ escalate: how === 'auto' });
      if (how === 'auto') recorder.wake();
      this.#stop = () => recorder.stop();
    } catch (error) {
      notice(`profiler: ${messageOf(error)}; no CPU profiles are made`);
    }
  }
}
