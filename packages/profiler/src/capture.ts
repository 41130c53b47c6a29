/** Captures on demand: a CPU profile of the next seconds, a snapshot of the heap. */
import * as timers from 'node:timers';
import { writeHeapSnapshot } from 'node:v8';
import { connect, type InspectorApi, setInterval } from './inspector/inspector.js';
import { paused } from './loopwatch.js';
import { requireNumber } from './options/errors.js';
import type { CpuProfile } from './profile/cpu-profile.js';
import { configOf, newFile, requireStorage, type Storage, write } from './storage/storage.js';

// Fake timers replace it.
const { setTimeout } = timers;

export interface CaptureOptions {
  /** Default: `{ type: 'raw' }`. */
  readonly storage?: Storage | undefined;
}

/** What was captured. */
export interface Captured<T> {
  /** Null for what was written to a file without ever being whole in memory. */
  readonly data: T | null;
  /** Where it was written; null unless the storage is a disk. */
  readonly file: string | null;
}

/** V8's default: a profile of some seconds is worth more detail than one that goes on for ever. */
const INTERVAL_MS = 1;

async function withInspector<T>(
  storage: Storage,
  capture: (api: InspectorApi) => Promise<T>,
): Promise<T> {
  const api = connect(configOf(storage));
  try {
    return await capture(api);
  } finally {
    await api.destroy().catch(() => {});
  }
}

/**
 * Profiles this thread for some seconds.
 *
 * @param seconds 0.01 to 600
 * @throws ProfilerOptionError `LOOPWATCH_E_OPTION`; what the storage throws (rejects)
 */
export async function captureCpuProfile(
  seconds: number,
  { storage = { type: 'raw' } }: CaptureOptions = {},
): Promise<Captured<CpuProfile>> {
  requireNumber('seconds', seconds, 0.01, 600);
  requireStorage(storage);
  return await withInspector(storage, async (api) => {
    await api.profiler.enable();
    setInterval(api, INTERVAL_MS);
    await paused(() => api.profiler.start());
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    // Of a minute it is megabytes.
    const data = await paused(() => api.profiler.stop());
    if (storage.type !== 'disk') return { data, file: null };
    const file = newFile(storage.directory, 'cpuprofile');
    paused(() => write(file, JSON.stringify(data)));
    return { data, file };
  });
}

/**
 * Takes a snapshot of this thread's heap. That stops the thread for about a second per 100 MB, and needs
 * as much memory again; on a disk it is written piece by piece.
 *
 * @throws ProfilerOptionError `LOOPWATCH_E_OPTION`; what the storage throws (rejects)
 */
export async function captureHeapSnapshot({
  storage = { type: 'raw' },
}: CaptureOptions = {}): Promise<Captured<object>> {
  requireStorage(storage);
  if (storage.type === 'disk') {
    const file = newFile(storage.directory, 'heapsnapshot');
    // An empty file of ours first: Node would make one that everyone can read.
    write(file, '');
    paused(() => writeHeapSnapshot(file));
    return { data: null, file };
  }
  return await withInspector(storage, async (api) => {
    return { data: await paused(() => api.heap.takeSnapshot()), file: null };
  });
}
