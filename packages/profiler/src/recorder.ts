/** The recorder: a continuous profile of the main thread, of which each block gets its slice. */
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import * as timers from 'node:timers';
import { OverlappingProfiles } from './inspector/inspector.js';
import { Windows } from './inspector/windows.js';
import {
  BLOCK_CHANNELS,
  isOpenQuestion,
  paused,
  RECORDER_CHANNEL,
  type RecorderState,
  SLICE_CHANNEL,
  type SliceQuestion,
} from './loopwatch.js';
import { type RecorderOptions, type Settings, settingsFrom } from './options/options.js';
import { blame } from './profile/blame.js';
import { sliceOf } from './profile/slice.js';
import { keep } from './storage/profile-folder.js';

// Fake timers replace these.
const { setInterval, clearInterval, setTimeout, clearTimeout } = timers;

const hrtimeNs = process.hrtime.bigint;

/** The clock of V8's profiles. */
function nowUs(): number {
  return Number(hrtimeNs()) / 1000;
}

const states = channel(RECORDER_CHANNEL);

/** A recording under way. */
interface Recording {
  readonly source: OverlappingProfiles;
  readonly windows: Windows;
  readonly turning: NodeJS.Timeout;
}

class ThreadRecorder {
  #settings: Settings | null = null;
  #recording: Recording | null = null;
  #quiet: NodeJS.Timeout | undefined;

  /** Whether it records by now; with `escalate` it may wait for a reason. */
  get recording(): boolean {
    return this.#recording !== null;
  }

  /**
   * Starts, or changes the options: what was recorded until then is forgotten. To be called in the
   * main thread.
   *
   * @throws ProfilerOptionError `LOOPWATCH_E_OPTION` for a bad value, with nothing changed
   */
  start(options: RecorderOptions = {}): void {
    const settings = settingsFrom(options);
    this.stop();
    this.#settings = settings;
    if (!settings.escalate) this.#begin(settings);
    else for (const name of BLOCK_CHANNELS) subscribe(name, this.#onBlock);
  }

  /** Begins to record where it would have waited for a block. Nothing where it was not started. */
  wake(): void {
    if (this.#settings?.escalate !== true) return;
    this.#begin(this.#settings);
    this.#stayAwake(this.#settings);
  }

  /** Stops, and gives everything back. Safe to call twice. */
  stop(): void {
    for (const name of BLOCK_CHANNELS) unsubscribe(name, this.#onBlock);
    this.#end();
    this.#settings = null;
  }

  #begin(settings: Settings): void {
    if (this.#recording !== null) return;
    this.#recording = paused(() => {
      const source = new OverlappingProfiles(settings.intervalMs);
      const windows = new Windows(source, nowUs);
      const turning = setInterval(
        this.#swallowErrors(() => windows.turn()),
        settings.windowMs / 2,
      ).unref();
      return { source, windows, turning };
    });
    subscribe(SLICE_CHANNEL, this.#onQuestion);
    states.publish({ recording: true } satisfies RecorderState);
  }

  #end(): void {
    clearTimeout(this.#quiet);
    const recording = this.#recording;
    if (recording === null) return;
    this.#recording = null;
    unsubscribe(SLICE_CHANNEL, this.#onQuestion);
    clearInterval(recording.turning);
    recording.windows.close();
    recording.source.close();
    states.publish({ recording: false } satisfies RecorderState);
  }

  /**
   * What runs unasked ends the recording where it fails, and not the program: what a subscriber of a
   * channel throws is an uncaught exception.
   */
  #swallowErrors(fn: (message: unknown) => void): (message?: unknown) => void {
    return (message) => {
      try {
        fn(message);
      } catch (error) {
        process.emitWarning(`the recorder has stopped: ${error}`, 'LoopwatchProfilerWarning');
        this.#fail();
      }
    };
  }

  #fail(): void {
    try {
      this.stop();
    } catch {
      // V8 keeps what it does not give back.
    }
  }

  #stayAwake({ quietMs }: Settings): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#end(), quietMs).unref();
  }

  readonly #onBlock = this.#swallowErrors((record) => {
    if (this.recording && this.#settings !== null) this.#stayAwake(this.#settings);
    else if (isOpenQuestion(record)) this.wake();
  });

  readonly #onQuestion = this.#swallowErrors((message) => {
    const { startMs, endMs, directory, answer } = message as SliceQuestion;
    const [startUs, endUs] = [startMs * 1000, endMs * 1000];
    const window = this.#recording?.windows.covering(startUs, endUs) ?? null;
    const slice = window === null ? null : sliceOf(window, startUs, endUs);
    if (window === null || slice === null) return;
    const file = keep(directory, slice.profile);
    answer({ blame: blame(window, slice), gcMs: slice.gcMs, file });
  });
}

export type Recorder = Pick<ThreadRecorder, 'recording' | 'start' | 'stop' | 'wake'>;

/** The recorder of this thread. */
export const recorder: Recorder = new ThreadRecorder();
