/**
 * Detection, as a pure function: from what one tick of the watchdog observes to what it follows.
 *
 * ```
 *            silence > threshold            silence >= hang
 *  beating ─────────────────────▶ suspect ─────────────────▶ hung
 *     ▲                              │                         │
 *     └──────── a beat ("closed") ───┴─────────────────────────┘
 * ```
 *
 * - *Silence* is the time since the latest beat, less the time in which the watchdog itself did
 *   not run: a watchdog that woke late has no evidence for that time (Chromium's HangWatcher
 *   distrusts its own lateness in the same way), and less the time in which the program had asked
 *   not to be watched.
 * - A *closed* turn is one that was long enough to be asked about, whether or not it was suspected
 *   while it lasted. Whether it was a block is decided in confirm.ts.
 *
 * All times are in ms of the shared clock.
 */
import type { Beat } from '../../shared/memory/beats.js';

/** The limits in force. */
export interface Limits {
  readonly thresholdMs: number;
  readonly hangMs: number;
}

/** What one tick sees. */
export interface Observation {
  readonly nowMs: number;
  /** When this tick was due. */
  readonly dueMs: number;
  /** The beats since the last tick, oldest first. */
  readonly beats: readonly Beat[];
  /** How long `pause` has been in force in all. */
  readonly pausedMs: number;
  /** The loop has ended: the last beat is the exit's, and silence means nothing any more. */
  readonly exiting: boolean;
}

/** A turn of the loop that took longer than the threshold. */
export interface Turn {
  /** The beat that the turn came after: its identity and its start. */
  readonly after: Beat;
  readonly endMs: number;
  /** How long the loop waited for events in between: time that nothing blocked. */
  readonly idleMs: number;
  /** How long the program had asked not to be watched in between. */
  readonly pausedMs: number;
  /** How long the watchdog itself did not run in between. */
  readonly unseenMs: number;
  /** The part of it in gaps so long that the whole process must have stood still. */
  readonly suspendedMs: number;
  /** It was ended by the process's exit, not by a beat of the loop. */
  readonly atExit: boolean;
}

export type Detection =
  | { readonly type: 'suspect'; readonly after: Beat }
  | { readonly type: 'hang'; readonly durationMs: number }
  | { readonly type: 'closed'; readonly turn: Turn; readonly suspected: boolean };

export interface DetectorState {
  readonly phase: 'beating' | 'suspect' | 'hung';
  readonly last: Beat;
  /** Time since the latest beat in which the watchdog did not run. */
  readonly unseenMs: number;
  readonly suspendedMs: number;
}

/** How late a beat came that was due `beatMs` after the one before it, in ms. */
export function delayOf(before: Beat, after: Beat, beatMs: number): number {
  return Math.max(0, after.atMs - before.atMs - beatMs);
}

/**
 * Lateness that any thread has on a busy machine. Below it, a late tick still counts as having
 * watched; above it, the whole gap counts as unseen. One timer slack plus one scheduling slice.
 */
export const TOLERATED_LATENESS_MS = 10;

/**
 * Lateness from which on the whole process must have stood still: a busy machine alone keeps a
 * thread waiting for a few scheduling slices, not for this long.
 */
const SUSPENDED_MS = 250;

export function initialState(first: Beat): DetectorState {
  return { phase: 'beating', last: first, unseenMs: 0, suspendedMs: 0 };
}

function overlap(fromA: number, toA: number, fromB: number, toB: number): number {
  return Math.max(0, Math.min(toA, toB) - Math.max(fromA, fromB));
}

/** One tick. */
export function detect(
  state: DetectorState,
  { nowMs, dueMs, beats, pausedMs, exiting }: Observation,
  { thresholdMs, hangMs }: Limits,
): { readonly state: DetectorState; readonly detections: readonly Detection[] } {
  const detections: Detection[] = [];
  let { phase, last, unseenMs, suspendedMs } = state;
  const lateMs = nowMs - dueMs;
  const unseenFrom = lateMs > TOLERATED_LATENESS_MS ? dueMs : nowMs;

  function addUnseen(fromMs: number, toMs: number): void {
    const ms = overlap(fromMs, toMs, unseenFrom, nowMs);
    unseenMs += ms;
    if (lateMs > Math.max(thresholdMs, SUSPENDED_MS)) suspendedMs += ms;
  }

  for (const beat of beats) {
    addUnseen(last.atMs, beat.atMs);
    const suspected = phase !== 'beating';
    if (suspected || beat.atMs - last.atMs > thresholdMs) {
      const turn: Turn = {
        after: last,
        endMs: beat.atMs,
        idleMs: Math.max(0, beat.idleMs - last.idleMs),
        pausedMs: beat.pausedMs - last.pausedMs,
        unseenMs,
        suspendedMs,
        atExit: exiting && beat === beats.at(-1),
      };
      detections.push({ type: 'closed', turn, suspected });
    }
    phase = 'beating';
    last = beat;
    unseenMs = 0;
    suspendedMs = 0;
  }

  if (exiting) return { state: { phase, last, unseenMs, suspendedMs }, detections };

  addUnseen(last.atMs, nowMs);
  const silenceMs = nowMs - last.atMs - unseenMs - (pausedMs - last.pausedMs);
  if (phase === 'beating' && silenceMs > thresholdMs) {
    phase = 'suspect';
    detections.push({ type: 'suspect', after: last });
  }
  if (phase === 'suspect' && silenceMs >= hangMs) {
    phase = 'hung';
    detections.push({ type: 'hang', durationMs: silenceMs });
  }
  return { state: { phase, last, unseenMs, suspendedMs }, detections };
}

/** Silence must be longer than the threshold; timers round up to whole ms anyway. */
const JUST_AFTER_MS = 0.01;

/**
 * When the next tick has something to decide: the moment at which the silence would become a
 * suspect, or at the latest after one poll.
 */
export function nextDueMs(
  state: DetectorState,
  nowMs: number,
  pollMs: number,
  { thresholdMs }: Pick<Limits, 'thresholdMs'>,
): number {
  const pollAtMs = nowMs + pollMs;
  if (state.phase !== 'beating') return pollAtMs;
  // Time in a pause comes on top; the poll finds that out.
  const lateAtMs = state.last.atMs + state.unseenMs + thresholdMs;
  return lateAtMs > nowMs ? Math.min(pollAtMs, lateAtMs + JUST_AFTER_MS) : pollAtMs;
}
