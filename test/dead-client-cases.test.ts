/**
 * Dead clients: the cases that test/dead-client.test.ts has not, over every protocol.
 *
 * @machine waiting
 * @run once
 */
import { testCases } from './harness/dead-client-suite.js';

testCases(({ standsForKind }) => standsForKind !== true);
