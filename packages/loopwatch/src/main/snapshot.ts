/**
 * The function that the watchdog runs on top of the blocked stack. It writes what it finds into
 * shared memory itself: the inspector's own reply would reach the watchdog one loop turn late.
 */
import { nowMs } from '../shared/clock.js';
import type { RawFrame } from '../shared/frames.js';
import { latestBeat, type Memory, Word } from '../shared/memory.js';
import type { Capture } from '../shared/messages.js';
import type { RequestInfo } from '../shared/record.js';
import { takeStack } from './call-sites.js';

// Taken now: the program may replace them.
const { stringify } = JSON;

/** What the request context knows at this moment. */
export interface RequestWitness {
  current(): RequestInfo | null;
  inFlight(): number | null;
}

/**
 * Called through `Runtime.evaluate`: the capture's id, the beat it was posted for, and when it was
 * posted (ms of the shared clock). It may run much later than that, in another turn: then it says
 * so and takes nothing.
 */
export type SnapshotFunction = (id: number, beat: number, postedAtMs: number) => void;

/**
 * Puts a capture into shared memory. A stack too long for the slot loses its outermost frames,
 * which say least.
 */
function publish(memory: Memory, capture: Capture): void {
  let { frames } = capture;
  let bytes = 0;
  for (;;) {
    const text = stringify({ ...capture, frames });
    bytes = Buffer.byteLength(text);
    if (bytes <= memory.capture.length) {
      memory.capture.write(text);
      break;
    }
    if (frames === null || frames.length === 0) return;
    frames = frames.slice(0, frames.length >> 1);
  }
  memory.words[Word.captureBytes] = bytes;
  Atomics.store(memory.words, Word.captureId, capture.id);
  Atomics.notify(memory.words, Word.captureId);
}

/** Makes the snapshot function over a thread's memory. It never throws. */
export function snapshotFunction(memory: Memory, requests: RequestWitness): SnapshotFunction {
  return function snapshot(id, beat, postedAtMs) {
    try {
      const ranAtMs = nowMs();
      const gone = latestBeat(memory) !== beat || Atomics.load(memory.words, Word.exiting) === 1;
      let frames: readonly RawFrame[] | null = null;
      let atEntry = false;
      let request: RequestInfo | null = null;
      let inFlight: number | null = null;
      if (!gone) {
        ({ frames, atEntry } = takeStack(snapshot));
        request = requests.current();
        inFlight = requests.inFlight();
      }
      // Node sets _exiting before it emits 'exit': what runs then is no turn of the loop.
      const exiting = (process as unknown as { _exiting?: boolean })._exiting === true;
      const waitedMs = ranAtMs - postedAtMs;
      const costMs = nowMs() - ranAtMs;
      const when = { id, ranAtMs, waitedMs, costMs };
      publish(memory, { ...when, frames, atEntry, exiting, request, inFlight });
    } catch {
      // A stack nearly exhausted, a hostile global: the block is then reported without this sample.
    }
  };
}
