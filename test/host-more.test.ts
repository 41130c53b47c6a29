/**
 * Programs that change the ground under loopwatch: variants of what host.test.ts shows.
 *
 * @machine waiting
 * @run releases
 */
import { describe } from 'node:test';
import { testBuiltins, testError, testFlags, withCallSites } from './harness/host.js';

describe('builtins that the program has broken', { concurrency: 3 }, () => {
  testBuiltins(['Map and Set throw', 'arrays have a toJSON']);
});

describe('Error stays as the program left it', { concurrency: 4 }, () => {
  testError({
    'limit 0': 'named',
    'limit fixed': withCallSites,
    'limit deleted': 'named',
    'limit not a number': 'named',
    hook: 'named',
    'hook fixed': withCallSites,
    'hook fixed and throwing': withCallSites,
  });
});

describe('flags', { concurrency: 3 }, () => {
  testFlags([
    '--disable-proto=throw',
    '--disable-proto=delete',
    '--disallow-code-generation-from-strings',
    '--jitless',
    '--expose-gc',
  ]);
});
