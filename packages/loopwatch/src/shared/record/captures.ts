/** Captures of the main thread that the status server is asked for: `@loopwatch/profiler` makes them there. */
import { join } from 'node:path';

/** The shortest profile, in seconds; `captureCpuProfile` of the package takes no shorter one. */
export const LEAST_SECONDS = 0.01;

/** How long a profile is to be, in seconds; null for what is no number from {@link LEAST_SECONDS} to `most`. */
export function parseSeconds(text: string, most: number): number | null {
  const seconds = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  return seconds >= LEAST_SECONDS && seconds <= most ? seconds : null;
}

export type CaptureKind = 'cpu-profile' | 'heap-snapshot';

/** A question for the main thread. */
export interface CaptureWanted {
  readonly type: 'capture-wanted';
  readonly id: number;
  readonly kind: CaptureKind;
  /** Of a profile. */
  readonly seconds: number;
  /** Where the file is to be. */
  readonly directory: string;
  /** When it is too late to begin. */
  readonly untilMs: number;
}

/** What the main thread says of it, `begun` before any other but `missing`. */
export type CaptureNews = {
  readonly type: 'capture';
  readonly id: number;
} & (
  | { readonly state: 'begun' }
  /** The package is not installed. */
  | { readonly state: 'missing' }
  | { readonly state: 'failed'; readonly why: string }
  | { readonly state: 'done'; readonly file: string }
);

/** Where captures are until they have been sent, beside the journal's records. */
export function captureFolder(journalDir: string): string {
  return join(journalDir, 'captures');
}
