/**
 * `loopwatch/koa`: for Koa with @koa/router.
 *
 * @packageDocumentation
 */
import { type KoaContext, routeOfKoa } from '../main/requests/framework-routes.js';
import { findRoute, follow } from './follow.js';

/** A Koa middleware. */
export type KoaMiddleware = (context: KoaContext, next: () => Promise<unknown>) => Promise<unknown>;

/**
 * Follows the requests of the program and names their routes. It belongs before the router. Under the
 * preload it is not needed.
 *
 * @throws LoopwatchError as of `start`
 */
export function loopwatch(): KoaMiddleware {
  follow();
  return (context, next) => {
    findRoute(context.res, () => routeOfKoa(context));
    return next();
  };
}
