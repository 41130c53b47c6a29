/** The garbage collections of the watched thread, as its performance timeline gives them. */
import {
  PerformanceObserver,
  type PerformanceObserverEntryList,
  performance,
} from 'node:perf_hooks';
import { nowMs } from '../../shared/clock.js';
import { type GcSpan, writeGcSpan } from '../../shared/memory/gc-spans.js';
import type { Memory } from '../../shared/memory/memory.js';
import { swallowErrors } from '../host/swallow-errors.js';

/**
 * Collections with no more than this between them become one span, in ms: a turn that allocates
 * without end has a thousand of them, and where a block begins and ends is not known to less.
 */
const NEIGHBOURS_MS = 5;

/** The part of a performance entry that counts here, on the shared clock. */
export interface Collection {
  readonly startMs: number;
  readonly ms: number;
}

/** Joins collections, oldest first, into spans. */
export function spansOf(collections: readonly Collection[]): GcSpan[] {
  const spans: GcSpan[] = [];
  for (const { startMs, ms } of collections) {
    const endMs = startMs + ms;
    const last = spans.at(-1);
    if (last === undefined || startMs - last.endMs > NEIGHBOURS_MS) {
      spans.push({ startMs, endMs, ms, count: 1 });
    } else {
      const joined = { ms: last.ms + ms, count: last.count + 1 };
      spans[spans.length - 1] = { startMs: last.startMs, endMs, ...joined };
    }
  }
  return spans;
}

/**
 * Writes them into shared memory. The entries come in the turns after the collection, and carry
 * when it was: the watchdog waits for them before it says what a block was.
 */
export class GarbageWitness {
  readonly #observer: PerformanceObserver;

  constructor(memory: Memory) {
    // The timeline counts from the thread's own origin.
    const originMs = nowMs() - performance.now();
    const take = (list: PerformanceObserverEntryList) => {
      const collections = list.getEntries().map(({ startTime, duration }) => {
        return { startMs: originMs + startTime, ms: duration };
      });
      for (const span of spansOf(collections)) writeGcSpan(memory, span);
    };
    this.#observer = new PerformanceObserver(swallowErrors(take));
  }

  start(): void {
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  stop(): void {
    this.#observer.disconnect();
  }
}
