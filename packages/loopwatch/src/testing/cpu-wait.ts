/** How long this thread has been ready to run and had to wait for a CPU. */
import { openSync, readSync } from 'node:fs';

/** Opened once: reading it then takes 2 microseconds, and each test does. */
let descriptor: number | null | undefined;
const buffer = Buffer.alloc(128);

/** In ms since the thread began; 0 where the kernel does not say (sched-stats.rst). */
export function cpuWaitMs(): number {
  try {
    if (descriptor === null) return 0;
    descriptor ??= openSync('/proc/thread-self/schedstat', 'r');
    const bytes = readSync(descriptor, buffer, 0, buffer.length, 0);
    const [, waitedNs] = buffer.toString('latin1', 0, bytes).split(' ');
    return Number(waitedNs) / 1e6 || 0;
  } catch {
    descriptor = null;
    return 0;
  }
}
