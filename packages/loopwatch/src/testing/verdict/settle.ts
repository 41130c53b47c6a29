/** Waiting until the watchdog has said all there is to say of what has happened. */
import * as timers from 'node:timers';
import type { GatePort } from '../../main/api.js';
import { nowMs } from '../../shared/clock.js';

// Fake timers replace these.
const { setImmediate, setTimeout } = timers;

const POLL_MS = 5;

/** Without a sign of life for this long the watchdog is gone, in ms: it ticks every 20 ms. */
const SILENT_MS = 5000;

/** The same once it has died before: then it is restarted within a few seconds, or never. */
const SILENT_AGAIN_MS = 200;

export type Ending = 'settled' | 'gone';

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits until all turns before a beat are judged, and what was found has been told. */
export async function settle(port: GatePort, beat: number): Promise<Ending> {
  let tick = port.tick();
  let aliveMs = nowMs();
  let settledAt: number | null = null;
  // What a tick has found is written down before it is told: by the end of the next one it was.
  while (settledAt === null || tick === settledAt) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const now = nowMs();
    const next = port.tick();
    if (next !== tick) aliveMs = now;
    tick = next;
    if (settledAt === null && port.isSettled(beat)) settledAt = tick;
    const silentMs = port.deaths() > 0 ? SILENT_AGAIN_MS : SILENT_MS;
    if (now - aliveMs > silentMs) return 'gone';
  }
  // The messages were posted before: they are read in the next turns of the loop.
  await turn();
  await turn();
  return 'settled';
}
