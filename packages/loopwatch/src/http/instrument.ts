/**
 * `loopwatch/http`: for servers of node:http, node:https and node:http2 without the preload.
 *
 * @packageDocumentation
 */
import { follow } from './follow.js';

/**
 * Follows the requests of a server: who blocks the loop is named, and answers say so as the `mode`
 * wants. Under the preload, or after `start`, all servers are followed anyway.
 *
 * @returns the server
 * @throws LoopwatchError as of `start`
 */
export function instrument<T extends object>(server: T): T {
  follow();
  return server;
}
