/**
 * What the checkout holds: packages, TypeScript projects, test files. Found by looking, so that a
 * new package or test needs no entry in any list.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './paths.mjs';

/** Folders with nothing of ours, or (programs) with what tests run but the compiler doesn't see. */
const skipped = new Set(['node_modules', 'dist', 'build', 'programs']);

/**
 * Absolute paths of the files under a folder whose names end in `suffix`, sorted; none if there is
 * no such folder.
 *
 * @param {string} folder
 * @param {string} suffix
 * @returns {string[]}
 */
export function filesUnder(folder, suffix) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !skipped.has(entry.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesUnder(path, suffix);
      return entry.name.endsWith(suffix) ? [path] : [];
    })
    .sort();
}

/** Folders of the packages under packages/. */
export function packageFolders() {
  return readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'package.json')));
}

/** Folders of the packages that get published. */
export function publishedFolders() {
  return packageFolders().filter((folder) => {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).private !== true;
  });
}

/** Folders that may hold a TypeScript project of tests. */
function testFolders() {
  return [...packageFolders().map((folder) => join(folder, 'test')), join(root, 'test')];
}

/** Folders that hold a TypeScript project; the compiler sorts them by their references. */
export function projects() {
  const pages = packageFolders().map((folder) => join(folder, 'page'));
  return [...packageFolders(), ...pages, ...testFolders()].filter((folder) => {
    return existsSync(join(folder, 'tsconfig.json'));
  });
}

/**
 * The test files: the scripts' own, which run as they are, and every TypeScript test, which runs in its
 * compiled form. Listed from the sources, because an output folder may still hold tests that have been
 * renamed since.
 *
 * @returns {{ source: string, file: string }[]} absolute paths: what is written, and what is run
 */
export function testFiles() {
  const compiled = testFolders().flatMap((folder) => {
    return filesUnder(folder, '.test.ts').map((source) => {
      const file = join(folder, 'dist', relative(folder, source).replace(/\.ts$/, '.js'));
      return { source, file };
    });
  });
  const scripts = filesUnder(join(root, 'scripts', 'test'), '.test.mjs');
  return [...scripts.map((file) => ({ source: file, file })), ...compiled];
}
