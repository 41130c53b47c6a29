/** How much of the machine others had while tests ran: a figure taken on a busy machine proves nothing. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** What `/proc/stat` counts in: see proc(5). */
const TICKS_A_SECOND = 100;

/** CPU time that anyone on the machine used, or another machine on the same host, in seconds; null off Linux. */
function usedSeconds() {
  try {
    const [, ...fields] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0].trim().split(/\s+/);
    const [user, nice, system, , , irq, softirq, steal] = fields.map(Number);
    return (user + nice + system + irq + softirq + steal) / TICKS_A_SECOND;
  } catch {
    return null;
  }
}

/** @returns {(ownSeconds: number) => number | null} the share of all CPUs that others had since, 0 to 1 */
export function watchMachine() {
  const started = performance.now();
  const before = usedSeconds();
  return (ownSeconds) => {
    const now = usedSeconds();
    if (before === null || now === null) return null;
    const all = ((performance.now() - started) / 1000) * availableParallelism();
    return Math.max(0, now - before - ownSeconds) / all;
  };
}
