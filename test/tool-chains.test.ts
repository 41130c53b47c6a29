/**
 * Reports and `loopwatch stack` name the source under the tool chains that the tests of these two leave out.
 *
 * @machine timed
 * @run once
 * @uses inspector-port
 */
import { describe, test } from 'node:test';
import { otherBuilds } from './harness/builds.js';
import { assertSourceInReport, assertSourceInStack } from './harness/built-source.js';

for (const name of otherBuilds) {
  describe(name, { concurrency: 2 }, () => {
    test('the report names the source', (t) => assertSourceInReport(t, name));
    test('stack names the source', (t) => assertSourceInStack(t, name));
  });
}
