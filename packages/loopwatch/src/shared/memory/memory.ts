/**
 * The shared memory between a watched thread and the watchdog: slot numbers, sizes, and who may
 * write what.
 *
 * ```
 * what                                                          written by
 * control words (Int32)                       see Word          both, each word one of them
 * clocks (Float64)                            see Clock         watched thread but for two
 * turns confirmed to be blocks (Int32)         see CONFIRMED_AT  watchdog
 * beats: at[RING], idle[RING], paused[RING] (Float64)           watched thread
 * garbage collections: GC_RING x see Gc (Float64)               watched thread
 * one captured stack (UTF-8 JSON)                               watched thread
 * ```
 *
 * Publication order: what belongs to a beat is stored plainly and published by the `Atomics.store`
 * of `Word.beat` that follows; a capture likewise by `Word.captureId`, a span of garbage collection
 * by `Word.gcSpans`; what a capture is about, by `Word.wantedId`. Readers load the publishing word first. The clocks are read on their own: a
 * reader that sees one a moment early or late is off by that moment.
 */

/** Indexes of the control words. */
export const Word = {
  /** Number of the latest published beat, modulo 2^32. Watched thread. */
  beat: 0,
  /** 1 once the thread is exiting: no capture may connect any more. Watched thread. */
  exiting: 1,
  /** 1 while the watchdog holds an inspector session to the thread. Watchdog. */
  connected: 2,
  /** Id of the last capture that the watched thread has written. Watched thread. */
  captureId: 3,
  /** Length of that capture in bytes. Watched thread. */
  captureBytes: 4,
  /** Suspects still open plus reports not yet acknowledged: what an exit waits for. Watchdog. */
  pending: 5,
  /** Counts the watchdog's ticks, so that a waiting exit can tell a dead watchdog. Watchdog. */
  tick: 6,
  /** Number of the latest beat whose turn the watchdog has judged. Watchdog. */
  seen: 7,
  /** Spans of garbage collection written so far, modulo 2^32. Watched thread. */
  gcSpans: 8,
  /** Id of the capture that is wanted, and the beat whose turn it is about. Watchdog. */
  wantedId: 9,
  wantedBeat: 10,
  /** 1 while a hang lasts that has been announced. Watchdog. */
  hung: 11,
  /** Reports held back by maxReportsPerCulprit so far. Watchdog. */
  capped: 12,
  /** Reports dropped so far because the journal was full. The reporter. */
  trimmed: 13,
  /** See {@link CaughtUp}: the beat, and the count with its end. Watched thread. */
  caughtUpBeat: 14,
  caughtUp: 15,
  /**
   * Sockets that are watched for dead clients, plus 1; 0 for none. Watched thread. It lies behind the
   * claims, the confirmed turns and the counts of symbolication.
   */
  watchedSockets: 48,
  /** Dead clients that main has reported, modulo 2^32. Watched thread. */
  deadClients: 50,
  /** How many of them the watchdog counts in {@link pending}, or is done with. Watchdog. */
  deadClientsHeard: 51,
  /** Suspects of this thread still open plus blocks that main has not been told of. Watchdog. */
  open: 49,
} as const;

/** Indexes of the clocks, all in ms. */
export const Clock = {
  /** How long `pause` was in force, up to its last end. */
  pausedMs: 0,
  /** Since when it is in force, in ms of the shared clock; 0 while it is not. */
  pausedSinceMs: 1,
  /** The strictest threshold of the `watch` calls under way; 0 without one. */
  scopedThresholdMs: 2,
  /** When the capture that is wanted was asked for. The watchdog's. */
  wantedAtMs: 3,
  /** The threshold in force outside of every `watch`. The watchdog's. */
  thresholdMs: 4,
} as const;

/** What a span of garbage collection says, in order. See gc-spans.ts. */
export const Gc = { startMs: 0, endMs: 1, ms: 2, count: 3 } as const;

/** The first of the words for {@link Claim}s, and how many there are. */
export const CLAIMS_AT = 16;
export const CLAIMS = 16;

/**
 * Who delivers a report to a sink: the program's own Sentry client or logger, once main has taken the
 * claim, or the reporter, once the watchdog has withdrawn it. Both are compare-and-swap, so that only
 * one does. Then main says what came of it: settled, or given back. That is a store and no message,
 * since a message that is still on its way when the process exits would have the report twice.
 *
 * The value holds the claim's number (from 1) besides its state: a slot is used again, a claim is not.
 */
export const Claim = {
  free: 0,
  settled: (number: number) => number * 4,
  open: (number: number) => number * 4 + 1,
  taken: (number: number) => number * 4 + 2,
  withdrawn: (number: number) => number * 4 + 3,
  /** Main's way to withdraw what it has taken. */
  givenBack: (number: number) => number * 4 + 3,
} as const;

/**
 * The latest turns that are known to be blocks, by the beats before them, also while they last; 0 is
 * none. A ring: main looks at each of its beats, and the watchdog confirms few turns between two.
 */
export const CONFIRMED_AT = 32;
export const CONFIRMED = 8;

/** The first of the words that count {@link SYMBOLICATION_FAILURES}, in their order. The reporter's. */
export const SYMBOLICATION_AT = CONFIRMED_AT + CONFIRMED;

const CONTROL_BYTES = 256;
const CLOCK_BYTES = 64;

/**
 * Beats kept, a power of two. At the default 20 ms it is 5 s of history: far more than the
 * watchdog's poll, so it only loses beats when it has not run for that long itself, and then its
 * evidence is worthless anyway.
 */
export const RING = 256;

/**
 * Spans of garbage collection kept, a power of two. The watched thread joins neighbours before it
 * writes them, so that this is more than any turn leaves behind.
 */
export const GC_RING = 256;

/** 64 KiB hold 100 frames with paths of 600 bytes; a longer capture is cut frame by frame. */
const CAPTURE_CAPACITY = 64 * 1024;

const CLOCK_OFFSET = CONTROL_BYTES;
const AT_OFFSET = CLOCK_OFFSET + CLOCK_BYTES;
const IDLE_OFFSET = AT_OFFSET + RING * 8;
const PAUSED_OFFSET = IDLE_OFFSET + RING * 8;
export const GC_FIELDS = Object.keys(Gc).length;
const GC_OFFSET = PAUSED_OFFSET + RING * 8;
const CAPTURE_OFFSET = GC_OFFSET + GC_RING * GC_FIELDS * 8;

/** The typed views over one watched thread's memory. */
export interface Memory {
  readonly buffer: SharedArrayBuffer;
  readonly offset: number;
  readonly words: Int32Array;
  readonly clocks: Float64Array;
  readonly at: Float64Array;
  readonly idle: Float64Array;
  readonly paused: Float64Array;
  readonly gc: Float64Array;
  readonly capture: Buffer;
}

/** What one thread needs, in bytes; a multiple of 64. */
export const MEMORY_BYTES = CAPTURE_OFFSET + CAPTURE_CAPACITY;

/**
 * Creates the views, over new memory or over memory that another thread has sent.
 *
 * @param offset where in the buffer it begins
 */
export function memory(buffer = new SharedArrayBuffer(MEMORY_BYTES), offset = 0): Memory {
  return {
    buffer,
    offset,
    words: new Int32Array(buffer, offset, CONTROL_BYTES / 4),
    clocks: new Float64Array(buffer, offset + CLOCK_OFFSET, CLOCK_BYTES / 8),
    at: new Float64Array(buffer, offset + AT_OFFSET, RING),
    idle: new Float64Array(buffer, offset + IDLE_OFFSET, RING),
    paused: new Float64Array(buffer, offset + PAUSED_OFFSET, RING),
    gc: new Float64Array(buffer, offset + GC_OFFSET, GC_RING * GC_FIELDS),
    capture: Buffer.from(buffer, offset + CAPTURE_OFFSET, CAPTURE_CAPACITY),
  };
}
