/**
 * What this package and loopwatch tell each other, by diagnostics channels and the one place on
 * globalThis that copies of loopwatch share: neither imports the other.
 */
import type { Blame } from './profile/blame.js';

/** We say whether we record. */
export const RECORDER_CHANNEL = 'loopwatch:recorder';

/** loopwatch asks for the slice of a turn. */
export const SLICE_CHANNEL = 'loopwatch:slice';

/** loopwatch says what has blocked. */
export const BLOCK_CHANNELS = ['loopwatch:block', 'loopwatch:hang'] as const;

/** What is published on {@link RECORDER_CHANNEL}. */
export interface RecorderState {
  readonly recording: boolean;
}

/** What is answered. */
interface SliceAnswer {
  readonly blame: Blame | null;
  readonly gcMs: number;
  /** The `.cpuprofile`; null when it could not be written. */
  readonly file: string | null;
}

/** What is published on {@link SLICE_CHANNEL}; who records answers before the publishing returns. */
export interface SliceQuestion {
  /** In ms of `process.hrtime`. */
  readonly startMs: number;
  readonly endMs: number;
  /** Where the profile is to be written. */
  readonly directory: string;
  answer(slice: SliceAnswer): void;
}

/** What is read of a block's record. */
interface Block {
  readonly cause?: unknown;
  readonly thread?: { readonly id?: unknown };
  readonly culprit?: { readonly precision?: unknown } | null;
}

/** Whether a block of the main thread left open which line it was. */
export function isOpenQuestion(record: unknown): boolean {
  const { cause, thread, culprit } = record as Block;
  if (thread?.id !== 0 || culprit?.precision === 'exact') return false;
  return cause === 'native' || cause === 'sync-io' || cause === 'unknown';
}

type Pausing = { readonly api?: { pause?<T>(fn: () => T): T } };

/** Runs what blocks for a reason: loopwatch, where it watches, does not report it. */
export function paused<T>(fn: () => T): T {
  const registry = (globalThis as Record<symbol, Pausing | undefined>)[Symbol.for('loopwatch')];
  const api = registry?.api;
  return api?.pause === undefined ? fn() : api.pause(fn);
}
