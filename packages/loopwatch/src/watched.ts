/** What the entries of the package share: this process's watch. */
import { isMainThread } from 'node:worker_threads';
import type { Api } from './main/api.js';
import { processWatch } from './main/process-watch.js';
import { messageOf } from './shared/errors.js';
import { notice } from './shared/notice.js';
import type { AnswerPages } from './shared/text/block-facts.js';

async function loadPages(): Promise<AnswerPages> {
  return (await import('./http/pages/pages.js')).pages;
}

/**
 * The API of this process's loopwatch.
 *
 * @throws LoopwatchError `LOOPWATCH_E_VERSION` when another copy speaks another protocol
 */
export function watched(): Api {
  // Here and not in main/: bundled or not, this file lies where the watchdog's folder does.
  return processWatch(new URL('./watchdog/entry.js', import.meta.url), loadPages);
}

/**
 * Starts, for those who did not call `start` themselves: what is wrong is one line on stderr, and the
 * program runs unwatched, unless LOOPWATCH_REQUIRED asks for more.
 */
export function tryToWatch(start: () => void): void {
  try {
    start();
  } catch (error) {
    if (process.env.LOOPWATCH_REQUIRED === '1') throw error;
    // The main thread has said it already; a pool of workers would repeat it.
    if (isMainThread) notice(`${messageOf(error)}; this process is not watched`);
  }
}
