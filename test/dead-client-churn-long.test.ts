/**
 * The same as test/dead-client-churn.test.ts, for 8 s.
 *
 * @machine quiet
 * @run once
 */
import { testChurn } from './harness/dead-client-suite.js';

testChurn(8);
