/** Polling with a deadline, for everything that happens when it happens. */
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { waitingFor } from './waits.js';

const EVERY_MS = 20;

/** A machine that is this slow has other problems. */
export const DEADLINE_MS = 20_000;

export interface Patience {
  readonly deadlineMs?: number;
  /** What to show when the deadline has passed: what was there instead. */
  readonly seen?: () => unknown;
}

/**
 * Looks again and again until there is something to see.
 *
 * @param what names the event, for the error
 * @param look returns undefined (or false) while it has not happened; what it throws ends the wait
 * @throws Error at the deadline, saying what was seen instead
 */
export function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  patience: Patience = {},
): Promise<T> {
  return waitingFor(what, () => poll(what, look, patience));
}

async function poll<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { deadlineMs = DEADLINE_MS, seen = () => 'nothing' }: Patience,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) {
      const instead = seen();
      const shown = typeof instead === 'string' ? instead : inspect(instead, { depth: 6 });
      throw new Error(`not within ${deadlineMs} ms: ${what}\nseen instead:\n${shown}`);
    }
    await sleep(EVERY_MS);
  }
}
