/**
 * Fifty requests at once, one of which blocks: that one is blamed, with and without a framework.
 *
 * @machine timed
 * @run one-release
 */
import { testFramework } from './harness/frameworks.js';

testFramework('node', null);
testFramework('express5', '/block/:ms');
testFramework('fastify5', '/block/:ms');
