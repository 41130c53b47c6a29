/**
 * A project of a user's, in a temporary folder: our packages in its node_modules as npm installs them,
 * and the programs that are measured. A copy, so that a build meanwhile changes no results.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../lib/paths.mjs';

const programs = fileURLToPath(new URL('programs', import.meta.url));

/** The packages, by their names, with what they find beside them; what is optional is off unless asked for. */
const packages = {
  loopwatch: {
    source: join(root, 'packages', 'loopwatch'),
    finds: ['pino', 'piscina', '@jridgewell/trace-mapping', 'https-proxy-agent', 'proxy-from-env'],
  },
  '@loopwatch/dead-client': { source: join(root, 'packages', 'dead-client'), finds: ['koffi'] },
  '@loopwatch/profiler': { source: join(root, 'packages', 'profiler'), finds: ['inspector-api'] },
};

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
  const installed = join(folder, 'node_modules');
  for (const [name, { source, finds }] of Object.entries(packages)) {
    for (const part of ['package.json', 'dist']) {
      cpSync(join(source, part), join(installed, name, part), { recursive: true });
    }
    for (const found of finds) {
      mkdirSync(dirname(join(installed, found)), { recursive: true });
      symlinkSync(join(source, 'node_modules', found), join(installed, found));
    }
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
