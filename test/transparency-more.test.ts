/**
 * A program can't tell whether it is watched: variants of what transparency.test.ts shows.
 *
 * @machine waiting
 * @run releases
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { programPath } from './harness/places.js';
import { run } from './harness/run.js';
import {
  assertSame,
  forms,
  npm,
  npx,
  testSame,
  testSameError,
  testSamePrograms,
} from './harness/transparency.js';

describe('one-liners', { concurrency: 3 }, () => {
  testSame({
    'print a value': ['-p', '1'],
    'print what is async': ['-p', 'Promise.resolve(2)'],
    'process.exit': ['-e', 'process.exit(3)'],
    '--version': ['--version'],
    '--check': ['--check', programPath('block.mjs')],
    'an unknown flag': ['--no-such-flag', '-e', '0'],
    // Standard input is empty, so this is the empty program; it must still end.
    'a program on standard input': ['-'],
  });

  testSameError({
    'something thrown that is no error': ['-e', 'throw null'],
    'an error with a cause': ['-e', 'throw new Error("a", { cause: new Error("b") })'],
    'a missing file': ['does-not-exist.mjs'],
    '--trace-uncaught': ['--trace-uncaught', programPath('cjs-throws.cjs')],
    'an unhandled rejection in an ES module': [programPath('rejects.mjs')],
    '--unhandled-rejections=warn': ['--unhandled-rejections=warn', programPath('rejects.mjs')],
    'a throw in compiled code': [programPath('throws-mapped.mjs')],
  });

  test('process.abort', async (t) => {
    // Its report on stderr holds addresses, and frames of Node's own.
    for (const preload of Object.values(forms)) {
      const { code, signal, stdout } = await run(t, ['-e', 'process.abort()'], { preload });
      assert.deepEqual({ code, signal, stdout }, { code: null, signal: 'SIGABRT', stdout: '' });
    }
  });
});

describe('programs', { concurrency: 3 }, () => {
  testSamePrograms({
    'the exit code of process.exitCode': ['leaves-with-code.mjs'],
    'worker threads': ['worker-threads.mjs'],
    '--disable-proto=throw': ['handles-exit.mjs', '--disable-proto=throw'],
    '--disable-proto=delete': ['handles-exit.mjs', '--disable-proto=delete'],
    '--disallow-code-generation-from-strings': [
      'handles-exit.mjs',
      '--disallow-code-generation-from-strings',
    ],
    '--jitless': ['handles-exit.mjs', '--jitless'],
    '--inspect': ['handles-exit.mjs', '--inspect=127.0.0.1:0'],
  });

  const lowMemory = ['--max-old-space-size=50', '--stack-size=500'];
  test('a small heap and a small stack', (t) =>
    assertSame(t, [programPath('piscina-pool.mjs')], { flags: lowMemory }));
});

describe('tools', { concurrency: 3 }, () => {
  test('npx --version', (t) => assertSame(t, [npx, '--version']));
  test('npm --version, watched like any other program', (t) =>
    assertSame(t, [npm, '--version'], { env: { LOOPWATCH_IGNORE_PROGRAMS: 'nothing' } }));
  test('npm with an unknown command', (t) => assertSame(t, [npm, 'no-such-command']));
});
