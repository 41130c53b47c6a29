/** `loopwatch attach PID` and `detach PID`: the watchdog into a running process, and out of it. */
import {
  ABLE,
  type Attached,
  attachExpression,
  DETACH,
  type Detached,
} from '../attach/expressions.js';
import { optionsToAttach } from '../attach/options.js';
import { kernelView, kernelWords } from '../target/kernel.js';
import { Unanswered } from '../target/target.js';
import { Unreachable, withTarget } from '../target/with-target.js';
import { formatDuration } from '../terminal/duration.js';
import { Exit, Unusable } from '../terminal/outcome.js';
import { Output } from '../terminal/output.js';

interface AttachOptions {
  readonly option: readonly string[];
  readonly json?: boolean;
  readonly timeout: number;
}

/** A detach waits for what is reported already to be delivered; so long it may take on top. */
const STOP_MS = 5000;

/** What is said of a process that can't be reached now, but may be able to later. */
async function unreachable(pid: number, timeoutMs: number, out: Output, json: boolean) {
  const kernel = await kernelView(pid);
  const took = formatDuration(timeoutMs);
  if (json) out.json({ pid, answered: false, kernel });
  out.words(
    `process ${pid} did not answer for ${took}, nothing was changed; ${kernelWords(kernel)}`,
  );
  return Exit.found;
}

export async function attach(pid: number, options: AttachOptions): Promise<number> {
  const out = new Output();
  const { timeout, json = false } = options;
  const chosen = optionsToAttach(options.option, process.env);
  out.progress(`attaching to process ${pid}`);
  try {
    const { wasWatched } = await withTarget(pid, timeout, async ({ target }) => {
      const { node, able } = await target.main.evaluate<{ node: string; able: boolean }>(
        ABLE,
        timeout,
      );
      if (!able)
        throw new Unusable(
          `process ${pid} runs Node ${node}; loopwatch needs 20.19, 22.12 or later`,
        );
      const attached = await target.main.evaluate<Attached>(attachExpression(chosen), timeout);
      if (attached.error === null) return attached;
      throw new Unusable(`loopwatch did not start in process ${pid}: ${attached.error}`);
    });
    const names = Object.keys(chosen);
    if (json) out.json({ pid, attached: true, wasWatched, options: names });
    else {
      const what = wasWatched ? 'was watched already; its options are changed' : 'is watched now';
      const how = names.length === 0 ? '' : ` (${names.join(', ')})`;
      out.result(`process ${pid} ${what}${how}; undo it with: loopwatch detach ${pid}`);
    }
    return Exit.fine;
  } catch (error) {
    if (error instanceof Unreachable) return unreachable(pid, timeout, out, json);
    throw error;
  }
}

export async function detach(pid: number, options: Omit<AttachOptions, 'option'>): Promise<number> {
  const out = new Output();
  const { timeout, json = false } = options;
  out.progress(`detaching from process ${pid}`);
  try {
    const detached = await withTarget(pid, timeout, async ({ target }) => {
      try {
        return await target.main.evaluate<Detached>(DETACH, Math.max(timeout, STOP_MS), true);
      } catch (error) {
        // It was told to stop, and will when its loop turns.
        if (error instanceof Unanswered) return null;
        throw error;
      }
    });
    if (detached?.error != null) {
      throw new Unusable(`loopwatch did not stop in process ${pid}: ${detached.error}`);
    }
    const isDone = detached !== null;
    const wasWatched = detached?.wasWatched ?? null;
    if (json) out.json({ pid, detached: isDone, wasWatched });
    else if (!isDone) out.result(`process ${pid} is to stop watching as soon as its loop turns`);
    else out.result(`process ${pid} ${wasWatched ? 'is not watched any more' : 'was not watched'}`);
    return isDone ? Exit.fine : Exit.found;
  } catch (error) {
    if (error instanceof Unreachable) return unreachable(pid, timeout, out, json);
    throw error;
  }
}
