/**
 * When a client counts as dead: pure functions over what one look at its socket shows.
 *
 * ```
 *            queue > 0, no progress                 stalledMs >= required
 *  moving ───────────────────────────▶ stalled ───────────────────────────▶ dead
 *    ▲                                    │
 *    └── progress, or unread bytes here ──┘     its length raises `required` for the next one
 * ```
 */
import { type Reading, TcpState } from '../sockets/reading.js';

/**
 * Why a client is dead.
 *
 * - `zero-window`: its kernel answers, and it reads nothing.
 * - `unreachable`: nothing acknowledges what is sent.
 * - `peer-closed`: it has closed or reset the connection, and nobody here has noticed.
 * - `fd-error`: the descriptor can't be read any more.
 */
export type DeathCause = 'zero-window' | 'unreachable' | 'peer-closed' | 'fd-error';

/** All causes, in the order in which they are shown. */
export const CAUSES: readonly DeathCause[] = [
  'zero-window',
  'unreachable',
  'peer-closed',
  'fd-error',
];

/** The times that decide, in ms. */
export interface Limits {
  readonly graceMs: number;
  readonly peerCloseMs: number;
  /** How many times the longest pause that a client has recovered from it is granted; 0: off. */
  readonly adaptive: number;
}

/** A client that pauses ever longer must still be dead some time: after this many graces. */
const MOST_GRACES = 4;

/** What is remembered of a socket between two looks. */
export interface Progress {
  /** Null before the first look. */
  readonly acked: number | null;
  readonly delivered: number | null;
  readonly queued: number;
  /** How long the queue has not moved. */
  readonly stalledMs: number;
  /** How long the peer has been gone. */
  readonly closedMs: number;
  /** How long the descriptor could not be read. */
  readonly failedMs: number;
  /** The longest stall that ended with progress. */
  readonly longestMs: number;
  /** Whether the kernel waited for acknowledgements at the last look. */
  readonly isUnanswered: boolean;
}

export const UNSEEN: Progress = {
  acked: null,
  delivered: null,
  queued: 0,
  stalledMs: 0,
  closedMs: 0,
  failedMs: 0,
  longestMs: 0,
  isUnanswered: false,
};

/** How long this client may stall, in ms: the grace, or what it has shown that it needs. */
export function requiredMs({ graceMs, adaptive }: Limits, longestMs: number): number {
  return Math.min(Math.max(graceMs, adaptive * longestMs), MOST_GRACES * graceMs);
}

const GONE: readonly number[] = [
  TcpState.timeWait,
  TcpState.close,
  TcpState.closeWait,
  TcpState.lastAck,
  TcpState.closing,
];

function isGone({ state }: Reading, mayHalfClose: boolean): boolean {
  // Having sent all is not being gone, where the program has said so. A reset always is.
  return GONE.includes(state) && (state === TcpState.close || !mayHalfClose);
}

/**
 * What is known after one more look.
 *
 * @param reading null when the descriptor could not be read
 * @param elapsedMs since the look before, without time in which our own loop did not turn
 * @param mayHalfClose whether the program wants clients to be able to end their side first
 */
export function progressAfter(
  before: Progress,
  reading: Reading | null,
  elapsedMs: number,
  mayHalfClose: boolean,
): Progress {
  if (reading === null) return { ...before, failedMs: before.failedMs + elapsedMs };
  const { queued, acked, delivered, isUnanswered } = reading;
  const isFirst = before.acked === null;
  const moved = acked !== before.acked || delivered !== before.delivered;
  // Bytes that nobody here has read: the client may be waiting for us.
  const stalls = queued > 0 && !moved && reading.unread === 0;
  const recovered = moved && !isFirst && before.stalledMs > before.longestMs;
  const gone = isGone(reading, mayHalfClose);
  // One that takes what it is sent is still there, whatever it has closed.
  const closedMs = gone && !isFirst && !moved ? before.closedMs + elapsedMs : 0;
  return {
    acked,
    delivered,
    queued,
    stalledMs: stalls ? before.stalledMs + elapsedMs : 0,
    closedMs,
    failedMs: 0,
    longestMs: recovered ? before.stalledMs : before.longestMs,
    isUnanswered,
  };
}

/** Why a client is dead, for how long it has been, and how long it might have been. */
export interface Death {
  readonly cause: DeathCause;
  readonly stallMs: number;
  readonly allowedMs: number;
}

/** What there is to say of a client: null while it lives. */
export function judged(progress: Progress, limits: Limits): Death | null {
  const { closedMs, failedMs, stalledMs, longestMs, isUnanswered } = progress;
  const { peerCloseMs } = limits;
  if (failedMs >= peerCloseMs && failedMs > 0) {
    return { cause: 'fd-error', stallMs: failedMs, allowedMs: peerCloseMs };
  }
  if (closedMs >= peerCloseMs && closedMs > 0) {
    return { cause: 'peer-closed', stallMs: closedMs, allowedMs: peerCloseMs };
  }
  const allowedMs = requiredMs(limits, longestMs);
  if (stalledMs < allowedMs || stalledMs === 0) return null;
  return { cause: isUnanswered ? 'unreachable' : 'zero-window', stallMs: stalledMs, allowedMs };
}
