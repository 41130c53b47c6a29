/** What can be read of a watched thread at any time, without asking it or the watchdog. */
import { nowMs } from '../clock.js';
import { lastBeat } from './beats.js';
import { Clock, type Memory, SYMBOLICATION_AT, Word } from './memory.js';
import { SYMBOLICATION_FAILURES, type SymbolicationFailure } from './symbolication-failures.js';

/** Why a report was not made or not kept. */
type DropReason = 'capped' | 'journal-full';

export interface Readings {
  /** Since the latest beat; about one beatMs while the loop turns. */
  readonly beatAgeMs: number;
  /** In force outside of every `watch`; null until the watchdog has looked once. */
  readonly thresholdMs: number | null;
  /** Sockets that are watched for dead clients; null while nobody watches any. */
  readonly watchedSockets: number | null;
  /** How many reports were dropped so far. */
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** How many scripts of reports could not be led back to their sources so far. */
  readonly unsymbolicated: Readonly<Partial<Record<SymbolicationFailure, number>>>;
}

export function readingsOf(memory: Memory): Readings {
  const { words, clocks } = memory;
  const watchedSockets = Atomics.load(words, Word.watchedSockets);
  return {
    beatAgeMs: Math.max(0, nowMs() - lastBeat(memory).atMs),
    thresholdMs: clocks[Clock.thresholdMs] || null,
    watchedSockets: watchedSockets === 0 ? null : watchedSockets - 1,
    dropped: {
      capped: Atomics.load(words, Word.capped) >>> 0,
      'journal-full': Atomics.load(words, Word.trimmed) >>> 0,
    },
    unsymbolicated: Object.fromEntries(
      SYMBOLICATION_FAILURES.map((reason, index) => {
        return [reason, Atomics.load(words, SYMBOLICATION_AT + index) >>> 0];
      }),
    ),
  };
}
