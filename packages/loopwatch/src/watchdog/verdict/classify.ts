/** What a block was, as pure functions over its samples: cause and invoker. */
import type { BlockRecord, Cause, Invoker } from '../../shared/record/record.js';
import { type Folded, shareOf } from '../evidence/fold.js';
import { hasMostlySlept, type ThreadWitness } from '../evidence/kernel/thread-state.js';
import { isLoading, LOADING } from '../evidence/loading.js';

/** What the cause is judged by. */
export interface CauseEvidence {
  readonly stacks: readonly Folded[];
  /** Whether the main module was being loaded. */
  readonly startup: boolean;
  readonly thread: ThreadWitness | null;
  readonly gc: BlockRecord['gc'];
  readonly durationMs: number;
}

/**
 * The cause, from independent witnesses: whose stack it was, how late it could be taken, what the
 * system says the thread did meanwhile, and what the heap's own timeline says.
 */
export function causeOf({ stacks, startup, thread, gc, durationMs }: CauseEvidence): Cause {
  if (startup) return 'module-load';
  if (gc !== null && gc.ms * 2 > durationMs) return 'gc';
  const slept = hasMostlySlept(thread);
  if (stacks.length === 0) return slept === true ? 'sync-io' : 'unknown';
  if (isLoading(stacks)) return 'module-load';
  if (slept === true) return 'sync-io';
  if (shareOf(stacks, ({ lateMs }) => lateMs) <= 0.5) return 'javascript';
  // Something could not be interrupted. Only the system knows whether it worked or slept.
  return slept === null ? 'unknown' : 'native';
}

/** Where Node runs ticks and promise reactions. */
const QUEUE = 'node:internal/process/task_queues';

const INVOKERS: readonly (readonly [Invoker, RegExp, RegExp])[] = [
  ['module', LOADING, /./],
  ['timer', /^node:internal\/timers$/, /^(?:listOnTimeout|processTimers)$/],
  ['immediate', /^node:internal\/timers$/, /^processImmediate$/],
  ['http-request', /^node:_http_server$|^node:internal\/http2\//, /./],
  ['http-request', /^node:_http_common$/, /^parserOn/],
  ['next-tick', /^node:internal\/process\/task_queues$/, /^processTicksAndRejections$/],
  ['event', /^node:/, /^emit$|^(?:node:)?events\.emit$/],
];

/** Between two timers, or two immediates, Node runs the queue of ticks: what is in it they have not started. */
function withoutQueueAround(frames: Folded['frames']): Folded['frames'] {
  const around = frames.findIndex(
    (frame) => frame.function === 'runNextTicks' && frame.file === QUEUE,
  );
  return around > 0 ? frames.filter(({ async }, index) => async || index < around) : frames;
}

/** What started the turn: read off the outermost frames of the heaviest stack. */
export function invokerOf(stacks: readonly Folded[]): Invoker {
  const frames = withoutQueueAround(stacks[0]?.frames ?? []);
  if (frames.length === 0) return 'unknown';
  const running = frames.filter(({ async }) => !async);
  const awaited = running.length < frames.length;
  const isQueue = running.at(-1)?.file === QUEUE;
  // The queue of ticks also runs the promise reactions, and a function that is awaited is one.
  if (awaited && (running.length === 0 || isQueue)) return 'microtask';
  for (const frame of running.toReversed()) {
    for (const [invoker, file, name] of INVOKERS) {
      if (file.test(frame.file ?? '') && name.test(frame.function ?? '')) return invoker;
    }
  }
  // A promise reaction has no frame of Node's below it.
  const isReaction = awaited || running.at(-1)?.file?.startsWith('node:') === false;
  return isReaction ? 'microtask' : 'unknown';
}
