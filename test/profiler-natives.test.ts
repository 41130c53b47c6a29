/**
 * CPU profiles of blocks: the lines of the native calls that profiler.test.ts leaves out.
 *
 * @machine quiet
 * @run once
 */
import { describe, test } from 'node:test';
import { assertNativeLine, otherNatives } from './harness/native-lines.js';

describe('with the recorder on, a native call is blamed by its line', () => {
  for (const name of otherNatives) test(name, (t) => assertNativeLine(t, name));
});
