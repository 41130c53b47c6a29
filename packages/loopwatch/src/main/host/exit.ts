/** What happens in the process's 'exit': an end for the last turn, and a bounded wait. */
import { nowMs } from '../../shared/clock.js';
import { type Memory, Word } from '../../shared/memory/memory.js';
import type { Settings } from '../../shared/options/option-schema.js';

/**
 * How long an exit waits for a capture to let go of its inspector session. A capture takes half a
 * millisecond; the bound only matters on a machine so busy that the watchdog gets no CPU. Without
 * the wait Node prints "Waiting for the debugger to disconnect..." and waits itself.
 */
const DISCONNECT_MS = 500;

/** A watchdog that has not ticked for this long while we wait is dead: waiting on is no use. */
const DEAD_MS = 1000;

/** Slices in which main waits, so that it serves the inspector's requests between them. */
const SLICE_MS = 10;

/**
 * The watched side of the handshake. The watchdog sets `connected` and then reads `exiting`; we
 * have set `exiting` and then read `connected`. Both are sequentially consistent, so at least one of us
 * sees the other: either it does not connect, or we wait until it has disconnected.
 */
function awaitDisconnect({ words }: Memory): void {
  // The watchdog may be waiting for a stack that will not come.
  Atomics.notify(words, Word.captureId);
  const untilMs = nowMs() + DISCONNECT_MS;
  while (Atomics.load(words, Word.connected) === 1 && nowMs() < untilMs) {
    Atomics.wait(words, Word.connected, 1, SLICE_MS);
  }
}

/**
 * Waits while the watchdog has suspects or reports under way, or has not yet looked at a last turn
 * that was long. Nothing pending, which is nearly every exit, costs one load.
 */
function awaitDelivery({ words }: Memory, lastTurnWasLong: boolean, flushMs: number): void {
  const untilMs = nowMs() + flushMs;
  const lastBeat = Atomics.load(words, Word.beat);
  let tick = Atomics.load(words, Word.tick);
  let aliveMs = nowMs();
  for (;;) {
    // In this order: the watchdog counts what a beat brought before it says that it saw the beat.
    const seen = !lastTurnWasLong || Atomics.load(words, Word.seen) === lastBeat;
    const deadClients = Atomics.load(words, Word.deadClients);
    const heard = Atomics.load(words, Word.deadClientsHeard) === deadClients;
    const pending = Atomics.load(words, Word.pending);
    const now = nowMs();
    if ((seen && heard && pending === 0) || now >= untilMs || now - aliveMs > DEAD_MS) return;
    Atomics.wait(words, Word.pending, pending, Math.min(SLICE_MS, untilMs - now));
    const next = Atomics.load(words, Word.tick);
    if (next !== tick) {
      tick = next;
      aliveMs = now;
    }
  }
}

/**
 * Ends the watch of a process that exits, and waits until its last report is delivered.
 *
 * @param lastBeat makes the beat that ends the last turn, and returns how long that took in ms
 */
export function leave(
  memory: Memory,
  { thresholdMs, exitFlushMs }: Pick<Settings, 'thresholdMs' | 'exitFlushMs'>,
  lastBeat: () => number,
): void {
  // First, so that whoever sees the last beat knows that it is the last.
  Atomics.store(memory.words, Word.exiting, 1);
  const lastTurnMs = lastBeat();
  awaitDisconnect(memory);
  if (exitFlushMs > 0) awaitDelivery(memory, lastTurnMs > thresholdMs, exitFlushMs);
}
