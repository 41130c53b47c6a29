/**
 * Very many worker threads: workers-busy.test.ts has fewer.
 *
 * @machine timed
 * @run releases
 */
import { test } from 'node:test';
import { assertCrowd } from './harness/threads.js';

for (const [kind, how] of [
  ['many', 'by and by'],
  ['storm', 'at once'],
] as const) {
  test(`of 64 workers that start ${how}, those 8 that block are reported`, (t) =>
    assertCrowd(t, kind, 64));
}
