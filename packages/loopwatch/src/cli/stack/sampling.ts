/** Takes the stacks of all threads again and again for a while. */
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../../shared/clock.js';
import { Disconnected } from '../target/devtools.js';
import { type Target, type Thread, Unanswered } from '../target/target.js';
import { Flame } from './flame.js';
import type { SourceMaps } from './source-maps.js';
import { ask } from './take.js';

/** Between two samples of a thread, in ms; jittered by half, or it would beat with the program's own rhythm. */
const EVERY_MS = 20;

/** How long the last answer of a thread in a native call is waited for after the time is over. */
const LAST_MS = 2000;

async function sampleThread(
  thread: Thread,
  untilMs: number,
  maps: SourceMaps,
): Promise<Flame | null> {
  let flame: Flame | null = null;
  let lastMs = nowMs();
  try {
    while (nowMs() < untilMs) {
      const { raw, stack } = await ask(thread, nowMs(), untilMs - nowMs() + LAST_MS, maps);
      if (raw.isOwn) return null;
      flame ??= new Flame(stack.thread);
      // A stack answers for the time since the one before: it is that time's only witness.
      const atMs = nowMs();
      flame.add(stack.frames ?? [], atMs - lastMs);
      lastMs = atMs;
      await sleep(EVERY_MS * (0.5 + Math.random()));
    }
  } catch (error) {
    // It ended, or sits in a native call: what was seen of it until then is still true.
    if (!(error instanceof Disconnected || error instanceof Unanswered)) throw error;
    if (flame === null && thread.title === '') throw error;
  }
  return flame;
}

/**
 * Samples all threads that there are now.
 *
 * @param ms how long
 * @param timeoutMs for the workers to be reached
 * @param progress called with the time left, in ms
 */
export async function sampleFor(
  target: Target,
  ms: number,
  timeoutMs: number,
  maps: SourceMaps,
  progress: (leftMs: number) => void,
): Promise<Flame[]> {
  const workers = await target.workers(timeoutMs);
  const untilMs = nowMs() + ms;
  const ticking = setInterval(() => progress(untilMs - nowMs()), 200);
  try {
    const threads = [target.main, ...workers];
    const flames = await Promise.all(threads.map((thread) => sampleThread(thread, untilMs, maps)));
    return flames.filter((flame) => flame !== null).sort((a, b) => a.thread.id - b.thread.id);
  } finally {
    clearInterval(ticking);
  }
}
