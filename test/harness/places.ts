/** Where things are, and which interpreter the tests start. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The test folder of the checkout; this file runs from its `dist/harness`. */
const testRoot = new URL('../../', import.meta.url);

/** Default working directory of everything that the tests start: `loopwatch` resolves from here. */
export const programsFolder = fileURLToPath(new URL('programs', testRoot));

/** The package under test, as built. */
export const packageFolder = fileURLToPath(new URL('../packages/loopwatch', testRoot));

/** The other published package that the tests install. */
export const deadClientFolder = fileURLToPath(new URL('../packages/dead-client', testRoot));

/** The preload as an absolute file URL, for working directories from which nothing resolves. */
export const registerUrl = new URL('../packages/loopwatch/dist/register.js', testRoot).href;

/** Absolute path of a program in test/programs. */
export function programPath(name: string): string {
  return fileURLToPath(new URL(`programs/${name}`, testRoot));
}

/** Absolute path of a file in test/fixtures. */
export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, testRoot));
}

/** The interpreter under test. */
export const node = process.env.LOOPWATCH_TEST_NODE ?? process.execPath;

/** Its release line, e.g. 24. */
export const nodeMajor = Number.parseInt(
  execFileSync(node, ['--version'], { encoding: 'utf8' }).slice(1),
  10,
);

/** True when an interpreter's command line knows a flag. */
export function hasFlag(flag: string): boolean {
  // Only in the help, and not in process.allowedNodeEnvironmentFlags, for flags of the permission model.
  const help = execFileSync(node, ['--help'], { encoding: 'utf8' });
  return new RegExp(`^ .*${flag}\\b`, 'm').test(help);
}
