/**
 * What a test file has waited for, by name: the runner shows it for the slowest files. Written where
 * LOOPWATCH_TEST_WAITS says, at the end of the process; nowhere without it.
 */
import { appendFileSync } from 'node:fs';

const waits = new Map<string, number>();

const file = process.env.LOOPWATCH_TEST_WAITS;

if (file !== undefined) {
  process.on('exit', () => {
    if (waits.size > 0) appendFileSync(file, `${JSON.stringify(Object.fromEntries(waits))}\n`);
  });
}

/** Adds to what was waited for. Waits side by side add up to more than the time that has passed. */
export async function waitingFor<T>(what: string, wait: () => Promise<T>): Promise<T> {
  const sinceMs = performance.now();
  try {
    return await wait();
  } finally {
    waits.set(what, Math.round((waits.get(what) ?? 0) + performance.now() - sinceMs));
  }
}
