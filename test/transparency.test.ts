/**
 * A program can't tell whether it is watched: same output, same errors, same exit code. Here one of each
 * kind; variants are in transparency-more.test.ts.
 *
 * @machine waiting
 */
import { describe, test } from 'node:test';
import { programPath } from './harness/places.js';
import {
  assertSame,
  npm,
  testSame,
  testSameError,
  testSamePrograms,
} from './harness/transparency.js';

describe('one-liners', { concurrency: 3 }, () => {
  testSame({
    'nothing at all': ['-e', '0'],
    'an ES module': ['--input-type=module', '-e', 'console.log(import.meta.url !== undefined)'],
    'process.exit after output': ['-e', 'console.error("now"); process.exit(0)'],
    'process.exitCode': ['-e', 'process.exitCode = 4'],
    'a signal to itself': ['-e', 'process.kill(process.pid, "SIGTERM")'],
  });

  testSameError({
    'a throw': ['-e', 'throw new Error("thrown")'],
    'an unhandled rejection': ['-e', 'Promise.reject(new Error("rejected"))'],
    'a syntax error': ['-e', 'this is no javascript'],
    'a throw while a CommonJS main module loads': [programPath('cjs-throws.cjs')],
    '--enable-source-maps': ['--enable-source-maps', programPath('throws-mapped.mjs')],
  });
});

describe('programs', { concurrency: 3 }, () => {
  testSamePrograms({
    'an unsettled top-level await': ['ends-early.mjs'],
    'exit handlers': ['handles-exit.mjs'],
    'a piscina pool': ['piscina-pool.mjs'],
    'a cluster with two workers': ['cluster-workers.mjs'],
    'a forked child': ['fork-child.mjs'],
    '--frozen-intrinsics': ['handles-exit.mjs', '--frozen-intrinsics'],
  });

  test('npm --version', (t) => assertSame(t, [npm, '--version']));
});
