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

/** By package, what it needs of others; what is optional is off unless a benchmark asks for it. */
const packages = [
  { name: 'loopwatch', folder: 'loopwatch', needs: ['pino'] },
  { name: '@loopwatch/profiler', folder: 'profiler', needs: ['inspector-api'] },
];

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
  const modules = join(folder, 'node_modules');
  for (const { name, folder: source, needs } of packages) {
    const from = join(root, 'packages', source);
    for (const part of ['package.json', 'dist']) {
      cpSync(join(from, part), join(modules, name, part), { recursive: true });
    }
    for (const need of needs) symlinkSync(join(from, 'node_modules', need), join(modules, need));
  }
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  const env = {
    ...Object.fromEntries(own),
    LOOPWATCH_JOURNAL_DIR: join(folder, 'journal'),
    LOOPWATCH_PROFILER: 'off',
    LOOPWATCH_LOG: join(folder, 'loopwatch.ndjson'),
  };
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  return { folder, env, remove };
}
