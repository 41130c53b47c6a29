/**
 * `loopwatch/express`: for Express 4 and 5 without the preload.
 *
 * @packageDocumentation
 */
import { follow } from './follow.js';

/** An Express middleware. */
export type ExpressMiddleware = (request: unknown, response: unknown, next: () => void) => void;

/**
 * Follows the requests of the program. Express itself keeps the route where loopwatch finds it, so that
 * the middleware only passes on. Under the preload it is not needed.
 *
 * @throws LoopwatchError as of `start`
 */
export function loopwatch(): ExpressMiddleware {
  follow();
  return (_request, _response, next) => next();
}
