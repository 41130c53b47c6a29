/**
 * Where the worker threads of a process and its watchdog find each other: shared memory with a place
 * for each thread, handed to every worker by Node's environment data.
 *
 * Not a message channel: a BroadcastChannel makes Node load undici for its events in every thread,
 * 10 ms and more, and a port of the Worker object is the program's own.
 *
 * ```
 * changes (Int32)          counts claims and leaves                 workers
 * entries[PLACES]          see Entry, then the thread's name        worker; freed by the watchdog
 * memories[PLACES]         as in memory.ts; grown as they are used  worker and watchdog
 * ```
 */
import { MEMORY_BYTES } from '../memory/memory.js';
import type { WatchedThread } from './messages.js';

/** Threads watched at the same time. A process with more of them has more threads than CPUs. */
export const PLACES = 512;

/** What an entry says, as Int32. */
const Entry = {
  /** A value of {@link State}. */
  state: 0,
  threadId: 1,
  /** The kernel's number of the thread; 0 is not known. */
  taskId: 2,
  nameBytes: 3,
} as const;

/**
 * The life of a place. A claim is a compare-and-swap, so that two workers never get the same; `ready`
 * publishes the other fields; only the watchdog frees it, when it has looked at it for the last time.
 */
const State = { free: 0, claimed: 1, ready: 2, left: 3 } as const;

const NAME_BYTES = 112;
const ENTRY_BYTES = 16 + NAME_BYTES;
const HEAD_BYTES = 64;
const MEMORIES = HEAD_BYTES + PLACES * ENTRY_BYTES;

/** A buffer that can grow; the types of Node 20 do not know it yet. */
interface Growable extends SharedArrayBuffer {
  grow(bytes: number): void;
}

const GrowableBuffer = SharedArrayBuffer as unknown as new (
  bytes: number,
  options: { maxByteLength: number },
) => SharedArrayBuffer;

/** Reserves addresses for all places, and memory for none of them. */
export function registry(): SharedArrayBuffer {
  return new GrowableBuffer(MEMORIES, { maxByteLength: MEMORIES + PLACES * MEMORY_BYTES });
}

function offsetOf(place: number): number {
  return MEMORIES + place * MEMORY_BYTES;
}

/** The views over a registry. */
export class Registry {
  readonly #buffer: SharedArrayBuffer;
  readonly #changes: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#buffer = buffer;
    this.#changes = new Int32Array(buffer, 0, 1);
  }

  /** Changes with every claim and leave. */
  get changes(): number {
    return Atomics.load(this.#changes, 0);
  }

  #entry(place: number): Int32Array {
    return new Int32Array(this.#buffer, HEAD_BYTES + place * ENTRY_BYTES, 4);
  }

  #name(place: number): Uint8Array {
    return new Uint8Array(this.#buffer, HEAD_BYTES + place * ENTRY_BYTES + 16, NAME_BYTES);
  }

  /**
   * Takes a place for a thread. Its memory is there, and not yet known to the watchdog.
   *
   * @returns null when all are taken
   */
  claim(): { readonly place: number; readonly buffer: SharedArrayBuffer; offset: number } | null {
    for (let place = 0; place < PLACES; place++) {
      const entry = this.#entry(place);
      if (Atomics.compareExchange(entry, Entry.state, State.free, State.claimed) !== State.free) {
        continue;
      }
      const offset = offsetOf(place);
      this.#growTo(offset + MEMORY_BYTES);
      new Uint8Array(this.#buffer, offset, MEMORY_BYTES).fill(0);
      return { place, buffer: this.#buffer, offset };
    }
    return null;
  }

  #growTo(bytes: number): void {
    try {
      if (this.#buffer.byteLength < bytes) (this.#buffer as Growable).grow(bytes);
    } catch (error) {
      // Another thread has grown it further meanwhile.
      if (this.#buffer.byteLength < bytes) throw error;
    }
  }

  /** Makes a claimed place known. */
  publish(place: number, { id, name, taskId }: Omit<WatchedThread, 'buffer' | 'offset'>): void {
    const entry = this.#entry(place);
    const { written } = new TextEncoder().encodeInto(name, new Uint8Array(NAME_BYTES));
    this.#name(place).set(new TextEncoder().encode(name).subarray(0, written));
    entry[Entry.threadId] = id;
    entry[Entry.taskId] = taskId ?? 0;
    entry[Entry.nameBytes] = written;
    Atomics.store(entry, Entry.state, State.ready);
    Atomics.add(this.#changes, 0, 1);
  }

  /** Says that a thread is not to be watched any more. */
  leave(place: number): void {
    Atomics.store(this.#entry(place), Entry.state, State.left);
    Atomics.add(this.#changes, 0, 1);
  }

  /** For the watchdog: the threads that are there, by place; those that have left are null. */
  threads(): Map<number, WatchedThread | null> {
    const found = new Map<number, WatchedThread | null>();
    for (let place = 0; place < PLACES; place++) {
      const entry = this.#entry(place);
      const state = Atomics.load(entry, Entry.state);
      if (state === State.left) found.set(place, null);
      if (state !== State.ready) continue;
      const bytes = this.#name(place).slice(0, entry[Entry.nameBytes]);
      found.set(place, {
        id: entry[Entry.threadId] as number,
        name: Buffer.from(bytes).toString('utf8'),
        taskId: entry[Entry.taskId] || null,
        buffer: this.#buffer,
        offset: offsetOf(place),
      });
    }
    return found;
  }

  /** For the watchdog: the place may be taken again. */
  free(place: number): void {
    Atomics.store(this.#entry(place), Entry.state, State.free);
  }
}
