/** What a block was, as pure functions over its samples: cause, culprit, invoker. */
import { packageOf } from '../shared/frames.js';
import type { Cause, Culprit, Frame, Invoker, RequestInfo } from '../shared/record.js';
import type { ThreadWitness } from './confirm.js';
import type { Folded } from './fold.js';

/** Node's own module loading, on the stack of whatever is being loaded. */
const LOADING = /^node:internal\/modules\//;

/** What runs the main module, in all its forms: a file, `-e`, `-p`, standard input. */
const MAIN = /^node:internal\/(?:modules\/run_main|process\/execution|main\/)/;

function anyFrame(folded: Folded, file: RegExp): boolean {
  return folded.frames.some((frame) => frame.file !== null && file.test(frame.file));
}

function share(stacks: readonly Folded[], of: (folded: Folded) => number): number {
  const whole = stacks.reduce((sum, { weightMs }) => sum + weightMs, 0);
  return whole === 0 ? 0 : stacks.reduce((sum, folded) => sum + of(folded), 0) / whole;
}

/** True when the main module was loaded in this turn: only then does what runs it show. */
export function isStartup(stacks: readonly Folded[]): boolean {
  return stacks.some((folded) => anyFrame(folded, MAIN));
}

/**
 * How long a loop may have waited for events in all and still be starting up, in ms. Loading modules
 * waits for a few files; a program that has started waits for its users.
 */
const STARTING_IDLE_MS = 100;

/** True for modules that the main module loads with `import()` while it is loading itself. */
export function isStillStarting(
  stacks: readonly Folded[],
  request: RequestInfo | null,
  idleMs: number,
): boolean {
  return request === null && idleMs < STARTING_IDLE_MS && isLoading(stacks);
}

function isLoading(stacks: readonly Folded[]): boolean {
  return share(stacks, (folded) => (anyFrame(folded, LOADING) ? folded.weightMs : 0)) > 0.5;
}

/**
 * The cause, from independent witnesses: whose stack it was, how late it could be taken, and what
 * the system says the thread did meanwhile.
 */
export function causeOf(
  stacks: readonly Folded[],
  startup: boolean,
  thread: ThreadWitness | null,
): Cause {
  if (startup) return 'module-load';
  if (stacks.every(({ frames }) => frames.length === 0)) return 'unknown';
  if (isLoading(stacks)) return 'module-load';
  const slept = thread !== null && thread.looks > 0 ? thread.runnable * 2 < thread.looks : null;
  if (slept === true) return 'sync-io';
  if (share(stacks, ({ lateMs }) => lateMs) <= 0.5) return 'javascript';
  // Something could not be interrupted. Only the system knows whether it worked or slept.
  return slept === null ? 'unknown' : 'native';
}

/** The frames of a stack that were on it while the time passed. */
function certainFrames({ frames, atEntry }: Folded): readonly Frame[] {
  return atEntry ? frames.slice(1) : frames;
}

/** Whose code a stack is: the innermost in-app frame that runs, else one of a dependency. */
function blamed(folded: Folded): Frame | undefined {
  const frames = certainFrames(folded);
  return (
    frames.find(({ inApp, async }) => inApp && !async) ??
    frames.find(({ inApp }) => inApp) ??
    frames.find(({ file }) => packageOf(file) !== null)
  );
}

interface Suspect {
  weightMs: number;
  lateMs: number;
  /** Time by position, to name the line on which most of it was spent. */
  readonly positions: Map<string, { readonly frame: Frame; weightMs: number }>;
}

function heaviest<T extends { weightMs: number }>(items: Iterable<T>): T | undefined {
  let best: T | undefined;
  for (const item of items) if (best === undefined || item.weightMs > best.weightMs) best = item;
  return best;
}

/**
 * The in-app function that answers for most of the block, and its heaviest line; by time, not by
 * the top frame of one sample, so that the same block names the same culprit each time.
 */
export function culpritOf(stacks: readonly Folded[]): Culprit | null {
  const suspects = new Map<string, Suspect>();
  for (const folded of stacks) {
    const frame = blamed(folded);
    if (frame === undefined) continue;
    const key = `${frame.function}\n${frame.file}`;
    let suspect = suspects.get(key);
    if (suspect === undefined) {
      suspect = { weightMs: 0, lateMs: 0, positions: new Map() };
      suspects.set(key, suspect);
    }
    suspect.weightMs += folded.weightMs;
    suspect.lateMs += folded.lateMs;
    const position = suspect.positions.get(`${frame.line}:${frame.column}`);
    if (position !== undefined) position.weightMs += folded.weightMs;
    else
      suspect.positions.set(`${frame.line}:${frame.column}`, { frame, weightMs: folded.weightMs });
  }
  const worst = heaviest(suspects.values());
  const frame = worst === undefined ? undefined : heaviest(worst.positions.values())?.frame;
  if (worst === undefined || frame === undefined) return null;
  const { function: name, file, line, column, async } = frame;
  const precise = !async && worst.lateMs * 2 < worst.weightMs;
  const precision = precise ? 'exact' : 'caller';
  return { function: name, file, line, column, package: packageOf(file), precision };
}

const INVOKERS: readonly (readonly [Invoker, RegExp, RegExp])[] = [
  ['module', LOADING, /./],
  ['timer', /^node:internal\/timers$/, /^(?:listOnTimeout|processTimers)$/],
  ['immediate', /^node:internal\/timers$/, /^processImmediate$/],
  ['http-request', /^node:_http_server$|^node:internal\/http2\//, /./],
  ['http-request', /^node:_http_common$/, /^parserOn/],
  ['next-tick', /^node:internal\/process\/task_queues$/, /^processTicksAndRejections$/],
  ['event', /^node:/, /^emit$|^(?:node:)?events\.emit$/],
];

/** Whether any stack shows, or may show since it could not be read, code that is not Node's own. */
export function showsProgram(stacks: readonly Folded[]): boolean {
  const unreadable = ({ file, function: name }: Frame) => file === null && name === null;
  return culpritOf(stacks) !== null || stacks.some(({ frames }) => frames.some(unreadable));
}

/** What started the turn: read off the outermost frames of the heaviest stack. */
export function invokerOf(stacks: readonly Folded[]): Invoker {
  const frames = stacks[0]?.frames;
  if (frames === undefined || frames.length === 0) return 'unknown';
  const running = frames.filter(({ async }) => !async);
  for (const frame of running.toReversed()) {
    for (const [invoker, file, name] of INVOKERS) {
      if (file.test(frame.file ?? '') && name.test(frame.function ?? '')) return invoker;
    }
  }
  // A promise reaction has no frame of Node's below it.
  return frames.some(({ async }) => async) || running.at(-1)?.inApp ? 'microtask' : 'unknown';
}
