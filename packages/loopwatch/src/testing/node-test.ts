/**
 * The gate for node:test: `node --import loopwatch/node-test --test`. Files of tests are loaded when it
 * is ready, so that none of their tests has to wait for it: some count on being called at once.
 */
import { ready } from './node-test-adapter.js';

export * from './testing.js';

await ready;
