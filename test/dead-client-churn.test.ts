/**
 * Connections that come and go as fast as they can, so that descriptors are used again at once: a dead one is
 * found among them, and no other is touched. test/dead-client-churn-long.test.ts does it for longer.
 *
 * @machine timed
 * @run one-release
 */
import { testChurn } from './harness/dead-client-suite.js';

testChurn(1);
