/** What the kernel says of this thread: how long it ran, and how long it was ready to run and had no CPU. */
import { openSync, readSync } from 'node:fs';

/** In ms since the thread began. */
export interface CpuTime {
  /** Infinity where the kernel does not say. */
  readonly ranMs: number;
  /** 0 where the kernel does not say. */
  readonly waitedMs: number;
}

const UNKNOWN: CpuTime = { ranMs: Number.POSITIVE_INFINITY, waitedMs: 0 };

/** Opened once: reading it then takes 2 microseconds, and each test does. */
let descriptor: number | null | undefined;
const buffer = Buffer.alloc(128);

/** By sched-stats.rst. */
export function cpuTime(): CpuTime {
  try {
    if (descriptor === null) return UNKNOWN;
    descriptor ??= openSync('/proc/thread-self/schedstat', 'r');
    const bytes = readSync(descriptor, buffer, 0, buffer.length, 0);
    const [ranNs, waitedNs] = buffer.toString('latin1', 0, bytes).split(' ').map(Number);
    if (!ranNs || waitedNs === undefined) return UNKNOWN;
    return { ranMs: ranNs / 1e6, waitedMs: waitedNs / 1e6 };
  } catch {
    descriptor = null;
    return UNKNOWN;
  }
}
