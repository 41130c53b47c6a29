/**
 * `loopwatch/fastify`: for Fastify 4 and 5 without the preload.
 *
 * @packageDocumentation
 */
import { type Fastify, followFastify } from '../main/requests/framework-routes.js';
import { findRoute, follow } from './follow.js';

function plugin(fastify: Fastify, _options: unknown, done: () => void): void {
  follow();
  followFastify(fastify, findRoute);
  done();
}

/**
 * A plugin that follows the requests of the program and names their routes:
 * `app.register(loopwatch)`. It holds for the whole application, not only for where it is registered.
 * Under the preload it is not needed.
 */
export const loopwatch: typeof plugin = Object.assign(plugin, {
  // What fastify-plugin sets.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'loopwatch',
  [Symbol.for('plugin-meta')]: { name: 'loopwatch', fastify: '4.x || 5.x' },
});
