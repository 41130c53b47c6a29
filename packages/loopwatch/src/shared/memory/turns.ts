/** What the watched thread and the watchdog tell each other of turns: which are blocks, and what came after them. */
import { CONFIRMED, CONFIRMED_AT, type Memory, Word } from './memory.js';

/** Says that the turn after a beat is a block. Only the watchdog may call it. */
export function confirmTurn({ words }: Memory, beat: number): void {
  // Beats follow each other, so that a turn's slot is free again eight turns later.
  Atomics.store(words, CONFIRMED_AT + (beat % CONFIRMED), beat | 0);
}

/** Takes it back: what has become known since says otherwise. */
export function retractTurn({ words }: Memory, beat: number): void {
  Atomics.compareExchange(words, CONFIRMED_AT + (beat % CONFIRMED), beat | 0, 0);
}

/** Whether the turn after a beat is known to be a block; that may become known while it lasts. */
export function isConfirmedTurn({ words }: Memory, beat: number): boolean {
  return Atomics.load(words, CONFIRMED_AT + (beat % CONFIRMED)) === (beat | 0);
}

/** Whether all turns before a beat are judged. */
export function isSettledBeat({ words }: Memory, beat: number): boolean {
  // Beats are numbered modulo 2^32.
  if ((Atomics.load(words, Word.seen) - beat) >> 0 < 0) return false;
  return Atomics.load(words, Word.open) === 0;
}

/** Requests that were read after the last capture of a blocked turn. */
export interface CaughtUp {
  /** The beat before that turn. */
  readonly beat: number;
  readonly count: number;
  /** Whether there are no more. */
  readonly isOver: boolean;
}

/** Only the watched thread may call it. */
export function setCaughtUp({ words }: Memory, { beat, count, isOver }: CaughtUp): void {
  words[Word.caughtUpBeat] = beat | 0;
  Atomics.store(words, Word.caughtUp, count * 2 + (isOver ? 1 : 0));
}

/** What is known of the turn after a beat; when a later one has been blocked, that is nothing. */
export function caughtUp({ words }: Memory, beat: number): Pick<CaughtUp, 'count' | 'isOver'> {
  const value = Atomics.load(words, Word.caughtUp);
  if (words[Word.caughtUpBeat] !== (beat | 0)) return { count: 0, isOver: true };
  return { count: value >> 1, isOver: value % 2 === 1 };
}
