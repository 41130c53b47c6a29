/** When a loop counts as having got over its start. */
import type { Beat } from './beats.js';

/**
 * How long a loop must have waited for events in all, in ms: a program that starts is busy with that.
 */
const UP_IDLE_MS = 100;

/** Whether a thread has got over its start, by any of its beats. */
export function hasStarted({ idleMs }: Pick<Beat, 'idleMs'>): boolean {
  return idleMs >= UP_IDLE_MS;
}
