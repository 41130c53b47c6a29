/**
 * `loopwatch/hono`: for Hono on @hono/node-server. Also under the preload: only a middleware knows the
 * route there.
 *
 * @packageDocumentation
 */
import { findRoute, follow } from './follow.js';

/** What is used of Hono's context. */
export interface HonoContext {
  /** What @hono/node-server gives: Node's request and response. */
  readonly env: unknown;
  readonly req: { readonly routePath?: unknown };
}

/** A Hono middleware. */
export type HonoMiddleware = (context: HonoContext, next: () => Promise<void>) => Promise<void>;

/**
 * Follows the requests of the program and names their routes: `app.use(loopwatch())`, before the routes.
 *
 * @throws LoopwatchError as of `start`
 */
export function loopwatch(): HonoMiddleware {
  follow();
  return (context, next) => {
    const { outgoing } = (context.env ?? {}) as { outgoing?: object };
    // By the time that anyone asks, the route's own handler runs, and this is its path.
    if (outgoing !== undefined) findRoute(outgoing, () => context.req.routePath);
    return next();
  };
}
