/**
 * Dead clients: the cases that test/dead-client.test.ts has not, over every protocol, and more connections
 * that come and go.
 *
 * @machine waiting
 * @run once
 */
import { describe } from 'node:test';
import { testCases, testChurn } from './harness/dead-client-suite.js';

testCases(({ standsForKind }) => standsForKind !== true);

describe('descriptors that are used again at once, for 8 s', () => {
  testChurn(8);
});
