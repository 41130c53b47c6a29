/** The beats of a watched thread, and how long its turns took. */
import { Clock, type Memory, RING, Word } from './memory.js';
import { readRing } from './ring.js';

/** One turn-marker of a watched event loop. */
export interface Beat {
  /** Ordinal number, modulo 2^32. */
  readonly number: number;
  /** When it was made, in ms of the shared clock. */
  readonly atMs: number;
  /** How long the loop has waited for events since the thread began, in ms. */
  readonly idleMs: number;
  /** How long `pause` has been in force since then, in ms. */
  readonly pausedMs: number;
}

/** The number of the latest beat. */
export function latestBeat(memory: Memory): number {
  return Atomics.load(memory.words, Word.beat) >>> 0;
}

/** How long `pause` has been in force in all, in ms. */
export function pausedUntil({ clocks }: Memory, nowMs: number): number {
  const sinceMs = clocks[Clock.pausedSinceMs] as number;
  const underWayMs = sinceMs === 0 ? 0 : Math.max(0, nowMs - sinceMs);
  return (clocks[Clock.pausedMs] as number) + underWayMs;
}

/** Publishes the next beat. Only the watched thread may call it. */
export function writeBeat(memory: Memory, atMs: number, idleMs: number): void {
  const number = (latestBeat(memory) + 1) >>> 0;
  memory.at[number % RING] = atMs;
  memory.idle[number % RING] = idleMs;
  memory.paused[number % RING] = pausedUntil(memory, atMs);
  Atomics.store(memory.words, Word.beat, number | 0);
}

function readBeat({ at, idle, paused }: Memory, number: number): Beat {
  const slot = number % RING;
  return {
    number,
    atMs: at[slot] as number,
    idleMs: idle[slot] as number,
    pausedMs: paused[slot] as number,
  };
}

/** The latest beat; its number is 0 before there is one. */
export function lastBeat(memory: Memory): Beat {
  return readBeat(memory, latestBeat(memory));
}

/** The beats after `since` that are still in the ring, oldest first. */
export function readBeats(memory: Memory, since: number): Beat[] {
  return readRing(
    () => latestBeat(memory),
    since,
    RING,
    (number) => readBeat(memory, number),
  );
}

/** How long a turn has blocked the loop up to a moment: without what it waited for, and the pauses. */
export function turnMs(memory: Memory, beat: number, until: Omit<Beat, 'number'>): number {
  const { atMs, idleMs, pausedMs } = readBeat(memory, beat);
  const idle = Math.max(0, until.idleMs - idleMs);
  return until.atMs - atMs - idle - (until.pausedMs - pausedMs);
}
