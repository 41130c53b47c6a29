/**
 * Dead clients: connections of real processes, one case of each kind, ten at once, with both ways to read
 * the kernel. test/dead-client-cases.test.ts has the other cases.
 *
 * @machine waiting
 * @run one-release
 */
import { testCases } from './harness/dead-client-suite.js';

testCases(({ standsForKind }) => standsForKind === true);
