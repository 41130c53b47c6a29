/** What `@loopwatch/profiler` and loopwatch tell each other, by diagnostics channels. */
import { join } from 'node:path';

/** Where its recorder says whether it records. */
export const RECORDER_CHANNEL = 'loopwatch:recorder';

/** Where it is asked for the part of its profile that belongs to one turn. */
export const SLICE_CHANNEL = 'loopwatch:slice';

/** Who had most of a turn by a CPU profile. */
export interface Blame {
  readonly function: string | null;
  readonly file: string;
  /** The line that had most of its time; null where the profile does not tell. */
  readonly line: number | null;
  /** Where the function begins. */
  readonly declaredLine: number;
  /** What it had called that was busy; null when it was busy itself. */
  readonly callee: { readonly function: string | null; readonly file: string } | null;
  readonly package: string | null;
}

/** The profile of one turn. */
export interface ProfileSlice {
  readonly blame: Blame | null;
  readonly gcMs: number;
  /** The `.cpuprofile`; null when it could not be written. */
  readonly file: string | null;
}

/** A stretch of the shared clock, in ms. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** What is published on {@link SLICE_CHANNEL}; a recorder answers before the publishing returns. */
export interface SliceQuestion extends Span {
  readonly directory: string;
  answer(slice: ProfileSlice): void;
}

/** Where the profiles of reports are, beside their records. */
export function profileFolder(journalDir: string): string {
  return join(journalDir, 'profiles');
}
