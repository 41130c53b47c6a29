/**
 * Fifty requests at once, one of which blocks, in the frameworks that http-frameworks.test.ts leaves out.
 *
 * @machine timed
 * @run once
 */
import { testFramework } from './harness/frameworks.js';

testFramework('express4', '/block/:ms');
testFramework('fastify4', '/block/:ms');
testFramework('koa', '/block/:ms');
testFramework('hono', null);
