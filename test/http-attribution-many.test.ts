/**
 * Whose block it is, among very many requests: http-attribution.test.ts has fewer.
 *
 * @machine timed
 * @run releases
 */
import { test } from 'node:test';
import { assertNobodyInnocentBlamed } from './harness/mixed-requests.js';

test('among 10,000 requests with 200 blocks, nobody innocent is blamed', (t) =>
  assertNobodyInnocentBlamed(t, { requests: 10_000, blockMs: 150 }));
