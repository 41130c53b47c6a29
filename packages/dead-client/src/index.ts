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
export { DeadClientError, DeadClientOptionError } from './options/errors.js';
export type { ClientWatchdogOptions, DeadListener, WatchOptions } from './options/options.js';
export type { DeathCause } from './verdict/decide.js';
export type { DeadClientReport, Endpoint } from './verdict/report.js';
