/** Runs programs unwatched and watched: nobody may see a difference. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Scope } from './folder.js';
import { programPath } from './places.js';
import { byImport, byNodeOptions, type Preload, unwatched } from './preload.js';
import { type Ended, type RunOptions, run } from './run.js';

export const forms: Readonly<Record<string, Preload>> = {
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
export async function assertSame(
  scope: Scope,
  args: readonly string[],
  { env, ...options }: RunOptions = {},
): Promise<void> {
  const outcomeWith = async (preload: Preload) =>
    outcome(await run(scope, args, { ...options, env: { ...patient, ...env }, preload }));
  const [plain, ...watched] = await Promise.all(
    [unwatched, ...Object.values(forms)].map(outcomeWith),
  );
  for (const [index, name] of Object.keys(forms).entries()) {
    assert.deepEqual(watched[index], plain, `the same with ${name}`);
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
    const [watched, plain] = await Promise.all(
      [preload, reference].map(async (form) =>
        outcome(withoutNodeFrames(await run(scope, args, { ...options, preload: form }))),
      ),
    );
    assert.deepEqual(watched, plain);
  }
}

/** npm and npx as scripts, so that the interpreter under test runs them. */
const npmFolder = join(
  realpathSync(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim()),
  '..',
);
export const npm = join(npmFolder, 'npm-cli.js');
export const npx = join(npmFolder, 'npx-cli.js');

/** One-liners and other command lines, by what they show. */
export type Cases = Readonly<Record<string, readonly string[]>>;

/** Programs of test/programs, and the flags of the interpreter. */
export type Programs = Readonly<Record<string, readonly [string, ...string[]]>>;

export function testSame(cases: Cases): void {
  for (const [name, args] of Object.entries(cases)) test(name, (t) => assertSame(t, args));
}

export function testSameError(cases: Cases): void {
  for (const [name, args] of Object.entries(cases)) test(name, (t) => assertSameError(t, args));
}

export function testSamePrograms(programs: Programs): void {
  for (const [name, [file, ...flags]] of Object.entries(programs)) {
    test(name, (t) => assertSame(t, [programPath(file)], { flags }));
  }
}
