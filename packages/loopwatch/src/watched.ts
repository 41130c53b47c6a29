/** What both entries of the package share: this process's watch. */
import type { Api } from './main/carrier.js';
import { processWatch } from './main/process-watch.js';

/**
 * The API of this process's loopwatch.
 *
 * @throws LoopwatchError `LOOPWATCH_E_VERSION` when another copy speaks another protocol
 */
export function watched(): Api {
  // Here and not in main/: bundled or not, this file lies where the watchdog's folder does.
  return processWatch(new URL('./watchdog/entry.js', import.meta.url));
}
