/**
 * A program can't tell whether it is watched: same output, same errors, same exit code.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Scope } from './harness/folder.js';
import { programPath } from './harness/places.js';
import { byImport, byNodeOptions, type Preload, unwatched } from './harness/preload.js';
import { type Ended, type RunOptions, run } from './harness/run.js';

const forms: Readonly<Record<string, Preload>> = {
  'NODE_OPTIONS with --import': byNodeOptions('--import'),
  'NODE_OPTIONS with --require': byNodeOptions('--require'),
  '--import': byImport(),
};

/** What the world sees of a run, without what differs between any two runs. */
function outcome({ code, signal, stdout, stderr }: Ended): object {
  const same = (text: string) =>
    text
      .replaceAll(/\(node:\d+\)/g, '(node:PID)')
      .replaceAll(/ws:\/\/127\.0\.0\.1:\d+\/\S+/g, 'ws://127.0.0.1:PORT/ID');
  return { code, signal, stdout: same(stdout), stderr: same(stderr) };
}

/** Starting many programs at once may block one of them for a while, which is no concern here. */
const patient = { LOOPWATCH_THRESHOLD_MS: '5000', LOOPWATCH_HANG_MS: '10000' };

/** Runs it unwatched and in every form of the preload; all outcomes must be the same. */
async function assertSame(
  scope: Scope,
  args: readonly string[],
  { env, ...options }: RunOptions = {},
): Promise<void> {
  const outcomeWith = async (preload: Preload) =>
    outcome(await run(scope, args, { ...options, env: { ...patient, ...env }, preload }));
  const plain = await outcomeWith(unwatched);
  for (const [name, preload] of Object.entries(forms)) {
    assert.deepEqual(await outcomeWith(preload), plain, `the same with ${name}`);
  }
}

/** Without the functions of Node's own in stacks. */
function withoutNodeFrames(ended: Ended): Ended {
  return { ...ended, stderr: ended.stderr.replaceAll(/^ +at .*\(?node:.*\n/gm, '') };
}

/**
 * The same where Node names the functions of its own that led to an error. These depend on what
 * else there is to do in the turn, and are others as soon as there is any `--import`, which loads
 * every main module with the ES module loader: for that, an empty import stands for the plain run.
 */
async function assertSameError(
  scope: Scope,
  args: readonly string[],
  options: RunOptions = {},
): Promise<void> {
  const pairs = [
    [byNodeOptions('--require'), unwatched],
    [byNodeOptions('--import'), byImport('data:text/javascript,')],
  ] as const;
  for (const [preload, reference] of pairs) {
    const watched = withoutNodeFrames(await run(scope, args, { ...options, preload }));
    const plain = withoutNodeFrames(await run(scope, args, { ...options, preload: reference }));
    assert.deepEqual(outcome(watched), outcome(plain));
  }
}

/** npm and npx as scripts, so that the interpreter under test runs them. */
const npmFolder = join(
  realpathSync(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim()),
  '..',
);
const npm = join(npmFolder, 'npm-cli.js');
const npx = join(npmFolder, 'npx-cli.js');

describe('one-liners', { concurrency: 2 }, () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    'nothing at all': ['-e', '0'],
    'print a value': ['-p', '1'],
    'print what is async': ['-p', 'Promise.resolve(2)'],
    'an ES module': ['--input-type=module', '-e', 'console.log(import.meta.url !== undefined)'],
    'process.exit': ['-e', 'process.exit(3)'],
    'process.exit after output': ['-e', 'console.error("now"); process.exit(0)'],
    'process.exitCode': ['-e', 'process.exitCode = 4'],
    'a signal to itself': ['-e', 'process.kill(process.pid, "SIGTERM")'],
    '--version': ['--version'],
    '--check': ['--check', programPath('block.mjs')],
    'an unknown flag': ['--no-such-flag', '-e', '0'],
  };
  for (const [name, args] of Object.entries(cases)) test(name, (t) => assertSame(t, args));

  const errors: Readonly<Record<string, readonly string[]>> = {
    'a throw': ['-e', 'throw new Error("thrown")'],
    'something thrown that is no error': ['-e', 'throw null'],
    'an unhandled rejection': ['-e', 'Promise.reject(new Error("rejected"))'],
    'an error with a cause': ['-e', 'throw new Error("a", { cause: new Error("b") })'],
    'a syntax error': ['-e', 'this is no javascript'],
    'a missing file': ['does-not-exist.mjs'],
    'a throw while a CommonJS main module loads': [programPath('cjs-throws.cjs')],
    '--trace-uncaught': ['--trace-uncaught', programPath('cjs-throws.cjs')],
    'an unhandled rejection in an ES module': [programPath('rejects.mjs')],
    '--unhandled-rejections=warn': ['--unhandled-rejections=warn', programPath('rejects.mjs')],
    'a throw in compiled code': [programPath('throws-mapped.mjs')],
    '--enable-source-maps': ['--enable-source-maps', programPath('throws-mapped.mjs')],
  };
  for (const [name, args] of Object.entries(errors)) test(name, (t) => assertSameError(t, args));

  test('process.abort', async (t) => {
    // Its report on stderr holds addresses, and frames as above.
    for (const preload of Object.values(forms)) {
      const { code, signal, stdout } = await run(t, ['-e', 'process.abort()'], { preload });
      assert.deepEqual({ code, signal, stdout }, { code: null, signal: 'SIGABRT', stdout: '' });
    }
  });

  test('a program on standard input', async (t) => {
    // Standard input is empty, so this is the empty program; it must still end.
    await assertSame(t, ['-']);
  });
});

describe('programs', { concurrency: 2 }, () => {
  const cases: Readonly<Record<string, readonly [string, ...string[]]>> = {
    'the exit code of process.exitCode': ['leaves-with-code.mjs'],
    'an unsettled top-level await': ['ends-early.mjs'],
    'exit handlers': ['handles-exit.mjs'],
    'a piscina pool': ['piscina-pool.mjs'],
    'a cluster with two workers': ['cluster-workers.mjs'],
    'worker threads': ['worker-threads.mjs'],
    'a forked child': ['fork-child.mjs'],
    '--frozen-intrinsics': ['handles-exit.mjs', '--frozen-intrinsics'],
    '--disable-proto=throw': ['handles-exit.mjs', '--disable-proto=throw'],
    '--disable-proto=delete': ['handles-exit.mjs', '--disable-proto=delete'],
    '--disallow-code-generation-from-strings': [
      'handles-exit.mjs',
      '--disallow-code-generation-from-strings',
    ],
    '--jitless': ['handles-exit.mjs', '--jitless'],
    '--inspect': ['handles-exit.mjs', '--inspect=127.0.0.1:0'],
  };
  for (const [name, [file, ...flags]] of Object.entries(cases)) {
    test(name, (t) => assertSame(t, [programPath(file)], { flags }));
  }

  const lowMemory = ['--max-old-space-size=50', '--stack-size=500'];
  test('a small heap and a small stack', (t) =>
    assertSame(t, [programPath('piscina-pool.mjs')], { flags: lowMemory }));
});

describe('tools', { concurrency: 2 }, () => {
  test('npm --version', (t) => assertSame(t, [npm, '--version']));
  test('npx --version', (t) => assertSame(t, [npx, '--version']));
  test('npm --version, watched like any other program', (t) =>
    assertSame(t, [npm, '--version'], { env: { LOOPWATCH_IGNORE_PROGRAMS: 'nothing' } }));
  test('npm with an unknown command', (t) => assertSame(t, [npm, 'no-such-command']));
});
