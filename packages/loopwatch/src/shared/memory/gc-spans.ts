/** The garbage collections of a watched thread. */
import { GC_FIELDS, GC_RING, Gc, type Memory, Word } from './memory.js';
import { readRing } from './ring.js';

/** Garbage collections that followed each other closely. */
export interface GcSpan {
  /** From the start of the first to the end of the last, in ms of the shared clock. */
  readonly startMs: number;
  readonly endMs: number;
  /** What they took together, in ms. */
  readonly ms: number;
  readonly count: number;
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
