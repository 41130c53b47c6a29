/** Which test files a run has, and what they say of themselves. */
import { readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { root } from '../lib/paths.mjs';
import { ToolError } from '../lib/program.mjs';
import { testFiles } from '../lib/tree.mjs';
import { declarationOf, runs } from './declaration.mjs';

/**
 * @typedef {import('./declaration.mjs').Declaration & { name: string, file: string }} TestFile
 * `name`: where its source is in the checkout; `file`: what is run
 */

/** What a run takes of all files, by what they say of where they run. */
export const kinds = {
  /** `npm test`. */
  test: ({ run }) => runs[run].npmTest,
  /** Everything on one release. */
  all: () => true,
  /** What depends on the release of Node.js. */
  release: ({ run }) => runs[run].releases,
  /** What depends on the release, and is not in `npm test`. */
  rest: ({ run }) => runs[run].releases && !runs[run].npmTest,
  /** What is not in `npm test`. */
  restOfAll: ({ run }) => !runs[run].npmTest,
};

/**
 * @param {keyof typeof kinds} kind
 * @param {string[]} [filters] words, one of which the file's name has to contain
 * @returns {TestFile[]}
 * @throws {ToolError} when that is none
 */
export function selected(kind, filters = []) {
  const files = testFiles()
    .map(({ source, file }) => {
      const name = relative(root, source).replaceAll('\\', '/');
      return { name, file, ...declarationOf(name, readFileSync(source, 'utf8')) };
    })
    .filter(kinds[kind])
    .filter(({ name }) => matches(basename(name), filters));
  if (files.length === 0) throw new ToolError(`no test file matches '${filters.join("', '")}'`);
  return files;
}

function matches(name, filters) {
  return filters.length === 0 || filters.some((filter) => name.includes(filter));
}
