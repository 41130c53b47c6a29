/** How long this thread has been ready to run and had to wait for a CPU. */
import { readFileSync } from 'node:fs';

/** In ms since the thread began; 0 where the kernel does not say (sched-stats.rst). */
export function cpuWaitMs(): number {
  try {
    const [, waitedNs] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ');
    return Number(waitedNs) / 1e6 || 0;
  } catch {
    return 0;
  }
}
