/**
 * The shared memory between a watched thread and the watchdog: slot numbers, sizes, and who may
 * write what.
 *
 * ```
 * bytes                    what                      written by
 * 0 .. 63                  control words (Int32)     see Word
 * 64 .. 64+2*RING*8-1      beats: at[RING], idle[RING] (Float64)   watched thread
 * CAPTURE_OFFSET ..        one captured stack (UTF-8 JSON)         watched thread
 * ```
 *
 * Publication order: a beat's `at` and `idle` are plain stores, published by the `Atomics.store`
 * of `Word.beat` that follows them. A capture's bytes and `Word.captureBytes` are published by the
 * `Atomics.store` of `Word.captureId`. Readers load the publishing word first.
 */

/** Indexes of the control words. */
export const Word = {
  /** Number of the latest published beat, modulo 2^32. Watched thread. */
  beat: 0,
  /** 1 once the process is exiting: no capture may connect any more. Watched thread. */
  exiting: 1,
  /** 1 while the watchdog holds an inspector session. Watchdog. */
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
} as const;

const CONTROL_BYTES = 64;

/**
 * Beats kept, a power of two. At the default 20 ms it is 5 s of history: far more than the
 * watchdog's poll, so it only loses beats when it has not run for that long itself, and then its
 * evidence is worthless anyway.
 */
export const RING = 256;

/** 64 KiB hold 100 frames with paths of 600 bytes; a longer capture is cut frame by frame. */
const CAPTURE_CAPACITY = 64 * 1024;
const CAPTURE_OFFSET = CONTROL_BYTES + 2 * RING * 8;

/** One turn-marker of a watched event loop. */
export interface Beat {
  /** Ordinal number, modulo 2^32. */
  readonly number: number;
  /** When it was made, in ms of the shared clock. */
  readonly atMs: number;
  /** How long the loop has waited for events since the process began, in ms. */
  readonly idleMs: number;
}

/** The typed views over one watched thread's memory. */
export interface Memory {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly at: Float64Array;
  readonly idle: Float64Array;
  readonly capture: Buffer;
}

/** Creates the views, over new memory or over memory that another thread has sent. */
export function memory(buffer = new SharedArrayBuffer(CAPTURE_OFFSET + CAPTURE_CAPACITY)): Memory {
  return {
    buffer,
    words: new Int32Array(buffer, 0, CONTROL_BYTES / 4),
    at: new Float64Array(buffer, CONTROL_BYTES, RING),
    idle: new Float64Array(buffer, CONTROL_BYTES + RING * 8, RING),
    capture: Buffer.from(buffer, CAPTURE_OFFSET, CAPTURE_CAPACITY),
  };
}

/** The number of the latest beat. */
export function latestBeat(memory: Memory): number {
  return Atomics.load(memory.words, Word.beat) >>> 0;
}

/** Publishes the next beat. Only the watched thread may call it. */
export function writeBeat(memory: Memory, atMs: number, idleMs: number): void {
  const number = (latestBeat(memory) + 1) >>> 0;
  memory.at[number % RING] = atMs;
  memory.idle[number % RING] = idleMs;
  Atomics.store(memory.words, Word.beat, number | 0);
}

function readBeat(memory: Memory, number: number): Beat {
  const slot = number % RING;
  return { number, atMs: memory.at[slot] as number, idleMs: memory.idle[slot] as number };
}

/**
 * The beats after `since` that are still in the ring, oldest first.
 *
 * The writer may overtake the reader while it copies. Losing that race costs the oldest beats,
 * which are dropped after the copy: the slot of beat n is overwritten by beat n + RING, whose
 * writer may be in the middle of its stores as soon as beat n + RING - 1 is published.
 */
export function readBeats(memory: Memory, since: number): Beat[] {
  const newest = latestBeat(memory);
  const count = Math.min((newest - since) >>> 0, RING - 1);
  const beats: Beat[] = [];
  for (let back = count - 1; back >= 0; back--) {
    beats.push(readBeat(memory, (newest - back) >>> 0));
  }
  const written = latestBeat(memory);
  return beats.filter((beat) => (written - beat.number) >>> 0 < RING - 1);
}
