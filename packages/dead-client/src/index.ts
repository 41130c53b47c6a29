/**
 * Finds connections whose client does not read any more, and frees them.
 *
 * @packageDocumentation
 */
export type { ClientState } from './client-state.js';
export {
  type ClientWatchdog,
  type ClientWatchdogStatus,
  createClientWatchdog,
  type Watched,
} from './client-watchdog.js';
export type { DeathCause } from './decide.js';
export { DeadClientError, DeadClientOptionError } from './errors.js';
export type { ClientWatchdogOptions, DeadListener, WatchOptions } from './options.js';
export type { DeadClientReport, Endpoint } from './report.js';
