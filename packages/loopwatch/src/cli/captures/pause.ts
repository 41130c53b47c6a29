/**
 * Work that stops the process for our sake, in a pause of loopwatch where that is inside: it must not
 * report what we have done.
 */
import { CAPTURE_SOURCE } from '../../main/stack/call-sites.js';
import type { Thread } from '../target/target.js';

/**
 * Begins a pause and gives the function that ends it; null without loopwatch. What passes for a promise
 * here settles in the very call: a thread that hangs gets to no real promise. The timer is for the case
 * that nobody is left to end it.
 */
function beginning(longestMs: number): string {
  return `(() => {
  const api = globalThis[Symbol.for('loopwatch')]?.api;
  if (typeof api?.pause !== 'function') return null;
  const { setTimeout, clearTimeout } = process.getBuiltinModule('node:timers');
  let settle = () => {};
  api.pause(() => ({ then: (done) => { settle = done; } }));
  const timer = setTimeout(() => settle(), ${longestMs}).unref();
  return () => { clearTimeout(timer); settle(); };
})()
//# sourceURL=${CAPTURE_SOURCE}`;
}

interface Begun {
  readonly result: { readonly objectId?: string };
}

/**
 * Has something done to a thread that loopwatch is not to report.
 *
 * @param timeoutMs for the pause to begin
 * @param longestMs the pause ends by then, whatever became of this command
 * @throws Unanswered, Disconnected, what `work` throws
 */
export async function inPause<T>(
  thread: Thread,
  timeoutMs: number,
  longestMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const expression = beginning(longestMs);
  const params = { expression, silent: true, disableBreaks: true };
  const { result } = await thread.request<Begun>('Runtime.evaluate', params, timeoutMs);
  try {
    return await work();
  } finally {
    const { objectId } = result;
    const call = { objectId, functionDeclaration: 'function () { this(); }', silent: true };
    // Nobody waits for it: a thread that is gone, or does not answer, has its own end of the pause.
    if (objectId !== undefined) {
      thread.request('Runtime.callFunctionOn', call, timeoutMs).catch(() => {});
    }
  }
}
