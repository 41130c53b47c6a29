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
   * offers, the confirmed turns and the counts of symbolication.
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

/** What a span of garbage collection says, in order. */
const Gc = { startMs: 0, endMs: 1, ms: 2, count: 3 } as const;

/** The first of the words for {@link Offer}s, and how many there are. */
export const OFFERS_AT = 16;
export const OFFERS = 16;

/**
 * Who delivers a report to a sink: the program's own Sentry client or logger, once main has taken the
 * offer, or the reporter, once the watchdog has withdrawn it. Both are compare-and-swap, so that only
 * one does. Then main says what came of it: settled, or given back. That is a store and no message,
 * since a message that is still on its way when the process exits would have the report twice.
 *
 * The value holds the offer's number (from 1) besides its state: a slot is used again, an offer is not.
 */
export const Offer = {
  free: 0,
  settled: (number: number) => number * 4,
  offered: (number: number) => number * 4 + 1,
  taken: (number: number) => number * 4 + 2,
  withdrawn: (number: number) => number * 4 + 3,
  /** Main's way to withdraw what it has taken. */
  givenBack: (number: number) => number * 4 + 3,
} as const;

/**
 * The latest turns that are known to be blocks, by the beats before them, also while they last; 0 is
 * none. A ring: main looks at each of its beats, and the watchdog confirms few turns between two.
 */
const CONFIRMED_AT = 32;
const CONFIRMED = 8;

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
const GC_FIELDS = Object.keys(Gc).length;
const GC_OFFSET = PAUSED_OFFSET + RING * 8;
const CAPTURE_OFFSET = GC_OFFSET + GC_RING * GC_FIELDS * 8;

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

/** Garbage collections that followed each other closely. */
export interface GcSpan {
  /** From the start of the first to the end of the last, in ms of the shared clock. */
  readonly startMs: number;
  readonly endMs: number;
  /** What they took together, in ms. */
  readonly ms: number;
  readonly count: number;
}

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

/**
 * The items after the `since`th that a ring of `size` still holds, oldest first.
 *
 * The writer may overtake the reader while it copies. Losing that race costs the oldest items,
 * which are dropped after the copy: the slot of item n is overwritten by item n + size, whose
 * writer may be in the middle of its stores as soon as item n + size - 1 is published.
 */
function readRing<T>(
  newestOf: () => number,
  since: number,
  size: number,
  read: (number: number) => T,
): T[] {
  const newest = newestOf();
  const count = Math.min((newest - since) >>> 0, size - 1);
  const first = newest - count + 1;
  const items = Array.from({ length: count }, (_, index) => read((first + index) >>> 0));
  const overtaken = (newestOf() - first) >>> 0;
  return items.slice(Math.max(0, overtaken - (size - 2)));
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

function gcSpans({ words }: Memory): number {
  return Atomics.load(words, Word.gcSpans) >>> 0;
}

/** Publishes a span of garbage collection. Only the watched thread may call it. */
export function writeGcSpan(memory: Memory, { startMs, endMs, ms, count }: GcSpan): void {
  const number = (gcSpans(memory) + 1) >>> 0;
  memory.gc.set([startMs, endMs, ms, count], (number % GC_RING) * GC_FIELDS);
  Atomics.store(memory.words, Word.gcSpans, number | 0);
}

/** The spans of garbage collection that are still in the ring, oldest first. */
export function readGcSpans(memory: Memory): GcSpan[] {
  const { gc } = memory;
  const newest = gcSpans(memory);
  const since = Math.max(0, newest - GC_RING);
  return readRing(
    () => gcSpans(memory),
    since,
    GC_RING,
    (number) => {
      const at = (number % GC_RING) * GC_FIELDS;
      return {
        startMs: gc[at + Gc.startMs] as number,
        endMs: gc[at + Gc.endMs] as number,
        ms: gc[at + Gc.ms] as number,
        count: gc[at + Gc.count] as number,
      };
    },
  );
}

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

/** How long a turn has blocked the loop up to a moment: without what it waited for, and the pauses. */
export function turnMs(memory: Memory, beat: number, until: Omit<Beat, 'number'>): number {
  const { atMs, idleMs, pausedMs } = readBeat(memory, beat);
  const idle = Math.max(0, until.idleMs - idleMs);
  return until.atMs - atMs - idle - (until.pausedMs - pausedMs);
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
