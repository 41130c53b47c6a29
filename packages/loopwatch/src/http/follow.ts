/** What the adapters of all frameworks do. */
import { start } from '../index.js';

export { findRoute } from '../main/api.js';

/**
 * Starts watching where nothing has yet; a watch that is on, by the preload or by `start`, stays as it
 * is. Requests are then followed, whichever server they come to.
 *
 * @throws LoopwatchError as of `start`
 */
export function follow(): void {
  start();
}
