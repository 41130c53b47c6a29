/** A block that must be caught: a watchdog that misses it would call every test clean. */
import type { GatePort } from '../../main/api.js';
import { nowMs } from '../../shared/clock.js';
import type { Finding } from './judge.js';
import { LEAST_MS } from './settings.js';
import { settle } from './settle.js';

const NAME = 'loopwatch self-test';

/** Long enough for one sample on a machine that is busy. */
const FIRST_MS = LEAST_MS + 40;

/** Each is longer than the one before; a machine that lets none of them run is no place for tests. */
const TRIES = 6;

function block(ms: number): void {
  const untilMs = nowMs() + ms;
  while (nowMs() < untilMs);
}

/**
 * Blocks the loop until the watchdog says so.
 *
 * @param findings what it has said so far
 * @returns what is wrong, or null
 */
export async function proveAlive(
  port: GatePort,
  findings: () => readonly Finding[],
): Promise<string | null> {
  const scope = { name: NAME, thresholdMs: LEAST_MS };
  for (let round = 1; round <= TRIES; round++) {
    port.edge();
    const startMs = nowMs();
    port.follow(() => block(FIRST_MS * round), scope);
    const ending = await settle(port, port.edge());
    if (ending === 'gone') return 'the watchdog does not answer';
    const found = findings().filter(({ endMs }) => endMs > startMs);
    if (found.some(({ kind, scope: name }) => kind === 'block' && name === NAME)) return null;
    // Seen, and taken for the machine's fault: it is awake, and tests will be unmeasured rather.
    if (round === TRIES && found.some(({ kind }) => kind === 'unconfirmed')) return null;
  }
  return 'a block that was made on purpose was not caught';
}
