/**
 * What a test file says of itself, in its first comment:
 *
 * - `@machine CLASS`: what it needs of the machine ({@link classes}); every file must say it;
 * - `@run WHERE`: in which runs it takes part ({@link runs}); default: `everywhere`;
 * - `@uses NAME`: what there is one of on a machine (a port, say): files that use the same never run
 *   side by side. May be said more than once.
 */
import { ToolError } from '../lib/program.mjs';

/** The classes, by what a file needs of the machine. */
export const classes = ['pure', 'waiting', 'timed', 'quiet'];

/**
 * Where files run, besides `npm run test:all`, where all of them do. `npmTest`: in `npm test`.
 * `releases`: on every release of Node.js; otherwise, in CI, on one (matrix.mjs), and where `npm test` runs.
 */
export const runs = {
  everywhere: { npmTest: true, releases: true },
  'one-release': { npmTest: true, releases: false },
  releases: { npmTest: false, releases: true },
  once: { npmTest: false, releases: false },
};

/** @typedef {{ machine: string, run: string, uses: string[] }} Declaration */

/**
 * @param {string} path for the error
 * @param {string} source of the test file
 * @returns {Declaration}
 * @throws {ToolError} when it says nothing, or what nobody knows
 */
export function declarationOf(path, source) {
  const [comment = ''] = /^\s*\/\*\*[\s\S]*?\*\//.exec(source) ?? [];
  const said = (tag) => {
    return [...comment.matchAll(new RegExp(`^\\s*\\*\\s*@${tag}\\s+(\\S+)`, 'gm'))].map(
      ([, word]) => word,
    );
  };
  const [machine] = said('machine');
  const [run = 'everywhere'] = said('run');
  if (!classes.includes(machine)) {
    throw new ToolError(`${path}: its first comment must say '@machine ${classes.join('|')}'`);
  }
  if (!Object.hasOwn(runs, run)) {
    throw new ToolError(`${path}: '@run ${run}' is none of ${Object.keys(runs).join(', ')}`);
  }
  return { machine, run, uses: said('uses') };
}
