/**
 * A project of a user's, in a temporary folder: loopwatch in its node_modules as npm installs it,
 * and the programs that are measured. A copy, so that a build meanwhile changes no results.
 */
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../lib/paths.mjs';

const programs = fileURLToPath(new URL('programs', import.meta.url));
const source = join(root, 'packages', 'loopwatch');

/** What the person who runs the benchmarks has set for programs of their own. */
const foreign = /^(?:LOOPWATCH_|SENTRY_|NODE_)/;

/**
 * @typedef {object} Project
 * @property {string} folder
 * @property {NodeJS.ProcessEnv} env for programs in it
 * @property {() => void} remove
 */

/** @returns {Project} */
export function createProject() {
  const folder = mkdtempSync(join(tmpdir(), 'loopwatch-bench-'));
  cpSync(programs, folder, { recursive: true });
  const installed = join(folder, 'node_modules', 'loopwatch');
  for (const part of ['package.json', 'dist']) {
    cpSync(join(source, part), join(installed, part), { recursive: true });
  }
  symlinkSync(join(source, 'node_modules', 'pino'), join(folder, 'node_modules', 'pino'));
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  const env = {
    ...Object.fromEntries(own),
    LOOPWATCH_JOURNAL_DIR: join(folder, 'journal'),
    LOOPWATCH_LOG: join(folder, 'loopwatch.ndjson'),
  };
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  return { folder, env, remove };
}
