/** Connects to a process, has something done there, and leaves it as it was, whatever happens. */
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../../shared/clock.js';
import { Unusable } from '../terminal/outcome.js';
import { checkedFacts } from './check.js';
import { closeInspector, closeLater } from './close.js';
import { Disconnected, Refused } from './devtools.js';
import { type Facts, presence } from './facts.js';
import { inspectorOf, NotOpened } from './inspector.js';
import { Target, Unanswered } from './target.js';

/** Interrupted by a signal: 128 and its number, as shells say it. */
const INTERRUPTED: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** How long a process that ends may take to do so. */
const ENDING_MS = 1000;

const LOOK_EVERY_MS = 10;

/** The process did not let us in before the time was over. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
  /** Whether it opened its inspector and then did not answer. */
  readonly opened: boolean;

  constructor(opened: boolean) {
    super('the process did not answer in time');
    this.opened = opened;
  }
}

/** What {@link withTarget} gives. */
export interface Visit {
  readonly target: Target;
  /**
   * When the process was asked first, in ms, as if connecting took no time: what has passed since then
   * when an answer comes is what a native call took.
   */
  readonly askedMs: number;
}

/** Whether a signal has told this command to end, which it does when the process is left. */
let isEnding = false;

/** Ends the command when it is told to, but not before it has left the process. */
function onInterrupt(leave: () => Promise<unknown>): () => void {
  const interrupted = (signal: NodeJS.Signals) => {
    isEnding = true;
    void leave().finally(() => process.exit(INTERRUPTED[signal] ?? 1));
  };
  const signals = Object.keys(INTERRUPTED);
  for (const signal of signals) process.once(signal, interrupted);
  return () => {
    for (const signal of signals) process.removeListener(signal, interrupted);
  };
}

/** On its way out a process refuses whatever it is asked, and is gone some ms after we let go of it. */
async function hasEnded(pid: number, error: unknown): Promise<boolean> {
  const untilMs = nowMs() + (error instanceof Refused ? ENDING_MS : 0);
  while (presence(pid) !== null) {
    if (nowMs() >= untilMs) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}

async function visit<T>(
  facts: Facts,
  timeoutMs: number,
  find: typeof inspectorOf,
  use: (visit: Visit) => Promise<T>,
): Promise<T> {
  let leave = async () => {};
  const stayed = onInterrupt(() => leave());
  try {
    const inspector = await find(facts, timeoutMs, () => {
      leave = async () => closeLater(facts.pid);
    });
    const target = await Target.connect(facts, inspector, timeoutMs).catch(async (error) => {
      await leave();
      throw error;
    });
    leave = async () => {
      const isClosed = await closeInspector(target, inspector);
      // Who waits for minutes to close it is the last to try.
      if (!isClosed && find === inspectorOf) closeLater(facts.pid);
    };
    try {
      const askedMs = nowMs() - inspector.openedAfterMs;
      const pid = await target.main.evaluate<number>('process.pid', timeoutMs);
      if (pid !== facts.innerPid) {
        throw new Unusable(`the inspector on port ${inspector.port} is that of process ${pid}`);
      }
      return await use({ target, askedMs });
    } finally {
      await leave();
    }
  } finally {
    stayed();
  }
}

/**
 * Has something done in a process.
 *
 * @param timeoutMs for the process to open its inspector, and for each answer, in ms
 * @param find how its inspector is come by
 * @throws Unusable when it can't be looked into; Unreachable when it did not answer; what `use` throws
 */
export async function withTarget<T>(
  pid: number,
  timeoutMs: number,
  use: (visit: Visit) => Promise<T>,
  find = inspectorOf,
): Promise<T> {
  const facts = checkedFacts(pid);
  for (let attempt = 1; ; attempt++) {
    try {
      return await visit(facts, timeoutMs, find, use);
    } catch (error) {
      // What fails now fails because of that.
      if (isEnding) return new Promise<never>(() => {});
      if (error instanceof NotOpened) {
        if (find === inspectorOf) closeLater(pid);
        throw new Unreachable(false);
      }
      const isLost = error instanceof Unanswered || error instanceof Disconnected;
      if (!isLost && !(error instanceof Refused)) throw error;
      if (await hasEnded(pid, error)) throw new Unusable(`process ${pid} has ended meanwhile`);
      if (!isLost) throw error;
      if (error instanceof Unanswered) throw new Unreachable(true);
      // What an earlier visit has left to be closed: once the loop has turned, that is over.
      if (attempt > 1) throw new Unusable(`the inspector of process ${pid} was closed meanwhile`);
    }
  }
}
