/**
 * The function that the watchdog runs on top of the blocked stack. It writes what it finds into
 * shared memory itself: the inspector's own reply would reach the watchdog one loop turn late.
 */
import { nowMs } from '../../shared/clock.js';
import { latestBeat } from '../../shared/memory/beats.js';
import { Clock, type Memory, Word } from '../../shared/memory/memory.js';
import {
  type CallbackInfo,
  type Capture,
  LATE_MS,
  type Scope,
} from '../../shared/messages/messages.js';
import type { RawFrame } from '../../shared/record/frames.js';
import type { DebugIds, SentryContext } from '../../shared/sentry/sentry.js';
import { takeStack } from './call-sites.js';
import { callbackInfo } from './callback.js';
import { DebugIdReader } from './debug-ids.js';

// Taken now: the program may replace them.
const { stringify } = JSON;
const getBuiltinModule = process.getBuiltinModule.bind(process);

/** A moment on a blocked stack. */
export interface Moment {
  readonly ranAtMs: number;
  readonly waitedMs: number;
  readonly frames: readonly RawFrame[];
  readonly atEntry: boolean;
}

/** What the request context knows at this moment. */
export interface RequestWitness {
  /** The stack has been taken. */
  captured(moment: Moment): Pick<Capture, 'request' | 'requestSinceMs' | 'inFlight'>;
}

const NOBODY = { request: null, requestSinceMs: 0, inFlight: null } as const;

/** What else of the thread a capture asks. */
export interface Witnesses {
  readonly requests: RequestWitness;
  readonly scopes: { current(): Scope | null };
  readonly sentry: { remember(beat: number): SentryContext | null };
}

/** Whether the stack is Node's own: nobody's callback is on it, nor one that is just beginning. */
function isNodeOnly(frames: readonly RawFrame[]): boolean {
  return frames.every(([, file]) => file === null || file.startsWith('node:'));
}

function isInspected(): boolean {
  return getBuiltinModule('node:inspector').url() !== undefined;
}

/**
 * Called through `Runtime.evaluate`. What it is asked lies in shared memory, and not in the expression:
 * each text of an expression would be one more script that V8 keeps (460 bytes a capture, measured). It
 * may run much later than it was posted, in another turn: then it says so and takes nothing.
 */
export type SnapshotFunction = () => void;

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
export function snapshotFunction(
  memory: Memory,
  { requests, scopes, sentry }: Witnesses,
): SnapshotFunction {
  const { words, clocks } = memory;
  const ids = new DebugIdReader();
  return function snapshot() {
    try {
      const id = Atomics.load(words, Word.wantedId);
      // A question that was posted again while an older one was still queued.
      if (Atomics.load(words, Word.captureId) === id) return;
      const beat = (words[Word.wantedBeat] as number) >>> 0;
      const postedAtMs = clocks[Clock.wantedAtMs] as number;
      const ranAtMs = nowMs();
      const gone = latestBeat(memory) !== beat || Atomics.load(memory.words, Word.exiting) === 1;
      let frames: readonly RawFrame[] | null = null;
      let atEntry = false;
      let asked: ReturnType<RequestWitness['captured']> = NOBODY;
      let scope: Scope | null = null;
      let sdk: SentryContext | null = null;
      let debugIds: DebugIds | null = null;
      let callback: CallbackInfo | null = null;
      const waitedMs = ranAtMs - postedAtMs;
      if (!gone) {
        ({ frames, atEntry } = takeStack(snapshot));
        asked = requests.captured({ ranAtMs, waitedMs, frames, atEntry });
        scope = scopes.current();
        sdk = sentry.remember(beat);
        debugIds = ids.of(frames);
        if (waitedMs > LATE_MS && isNodeOnly(frames)) callback = callbackInfo();
      }
      // Node sets _exiting before it emits 'exit': what runs then is no turn of the loop.
      const exiting = (process as unknown as { _exiting?: boolean })._exiting === true;
      const inspected = isInspected();
      const found = { frames, atEntry, scope, callback, ...asked, sentry: sdk, debugIds };
      const costMs = nowMs() - ranAtMs;
      publish(memory, { id, ranAtMs, waitedMs, costMs, exiting, inspected, ...found });
    } catch {
      // A stack nearly exhausted, a hostile global: the block is then reported without this sample.
    }
  };
}
