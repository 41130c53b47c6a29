/** Has the main thread of another process profile itself, or write down its heap. No code of ours is needed there. */
import type { Profiler } from 'node:inspector';
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../../shared/clock.js';
import { Disconnected } from '../target/devtools.js';
import type { Thread } from '../target/target.js';
import { inPause } from './pause.js';

/** V8's default, in µs. */
const INTERVAL_US = 1000;

/** A profile that is there is worth waiting for: the thread may be in a native call by then. */
const STOP_MS = 60_000;

/** A second per 100 MB: more than any heap takes. */
const SNAPSHOT_MS = 600_000;

/**
 * Profiles for some time, also a thread that hangs in JavaScript.
 *
 * @param timeoutMs for each answer
 * @param progress called with the time left, in ms
 * @throws Unanswered, Disconnected
 */
export async function cpuProfileOf(
  thread: Thread,
  ms: number,
  timeoutMs: number,
  progress: (leftMs: number) => void,
): Promise<Profiler.Profile> {
  await thread.request('Profiler.enable', {}, timeoutMs);
  await thread.request('Profiler.setSamplingInterval', { interval: INTERVAL_US }, timeoutMs);
  // It looks through the heap for all functions that there are: 10 to 150 ms.
  await inPause(thread, timeoutMs, STOP_MS, () => thread.request('Profiler.start', {}, timeoutMs));
  const untilMs = nowMs() + ms;
  const ticking = setInterval(() => progress(Math.max(0, untilMs - nowMs())), 200);
  const waiting = new AbortController();
  try {
    const slept = sleep(ms, false, waiting).catch(() => false);
    const isOver = await Promise.race([slept, thread.ended.then(() => true)]);
    if (isOver) throw new Disconnected('the process ended');
    const stop = () => thread.request<{ profile: Profiler.Profile }>('Profiler.stop', {}, STOP_MS);
    const { profile } = await inPause(thread, STOP_MS, STOP_MS, stop);
    return profile;
  } finally {
    clearInterval(ticking);
    waiting.abort();
  }
}

/**
 * Writes down the heap; the thread stands still meanwhile.
 *
 * @param timeoutMs for it to begin
 * @param write gets the snapshot piece by piece; where it throws, the rest is thrown away
 * @param progress called with the share that is done, 0 to 1
 * @throws Unanswered, Disconnected, what `write` throws
 */
export async function heapSnapshotOf(
  thread: Thread,
  timeoutMs: number,
  write: (part: string) => void,
  progress: (share: number) => void,
): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  thread.on<{ chunk: string }>('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => {
    if (failure !== undefined) return;
    try {
      write(chunk);
    } catch (error) {
      failure = { error };
    }
  });
  type Progress = { readonly done: number; readonly total: number };
  thread.on<Progress>('HeapProfiler.reportHeapSnapshotProgress', ({ done, total }) => {
    progress(total > 0 ? Math.min(1, done / total) : 0);
  });
  await inPause(thread, timeoutMs, SNAPSHOT_MS, () => {
    const params = { reportProgress: true };
    return thread.request('HeapProfiler.takeHeapSnapshot', params, SNAPSHOT_MS);
  });
  if (failure !== undefined) throw failure.error;
}
