/**
 * What the options do when they are chosen in code, and other variants of what options-output.test.ts
 * and options-watch.test.ts show.
 *
 * @machine waiting
 * @run once
 */
import { test } from 'node:test';
import { testOutputOptions } from './harness/options-output.js';
import { assertToolsIgnored, testWatchOptions } from './harness/options-watch.js';
import { inCode } from './harness/ways.js';

testOutputOptions(inCode);
testWatchOptions(inCode);

test('the default knows other usual tools, by file name without extension', (t) =>
  assertToolsIgnored(t, ['eslint', 'tsc', 'vite']));
