/**
 * Checks the import rule, whose data is imports/rooms.mjs: which hall may import which, that no room
 * of a hall imports one above it, that nothing imports in a circle (types included), that no folder
 * is crowded, and which single place may name a package. The halls of loopwatch run on different
 * threads; an import across them would load one thread's code, and all it depends on, on another.
 * `new URL('../watchdog/entry.js', import.meta.url)` is how one starts another, and is no import.
 */
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix, relative } from 'node:path';
import { circles } from './imports/circles.mjs';
import { isAt, placeOf, sourceFolderOf, targetOf } from './imports/places.mjs';
import { loadsComputed, mostFiles, reserved } from './imports/rooms.mjs';
import { root } from './lib/paths.mjs';
import { program } from './lib/program.mjs';
import { specifiers } from './lib/specifiers.mjs';
import { filesUnder, packageFolders } from './lib/tree.mjs';

/** @typedef {{ path: string, source: string }} File `path` is relative to the checkout, with `/` */
/** @typedef {{ path: string, line: number, problem: string }} Violation */

/**
 * @typedef {object} Import
 * @property {string} path of the file that imports
 * @property {number} line
 * @property {string | null} name as it is written; null where it is computed
 * @property {string | undefined} target the file it names
 */

/**
 * @param {File[]} files
 * @returns {Violation[]}
 */
export function violations(files) {
  const imports = files.flatMap(({ path, source }) => importsOf(path, source));
  const refused = imports.flatMap((one) => {
    const problem = problemOf(one);
    return problem === undefined ? [] : [{ one, problem }];
  });
  const wrong = new Set(refused.map(({ one }) => one));
  const rest = imports.filter((one) => !wrong.has(one));
  return [
    ...problemsOfFolders(files),
    ...refused.map(({ one: { path, line }, problem }) => ({ path, line, problem })),
    ...problemsOfCircles(imports, 'files', (path) => path),
    // What runs uphill is refused already, and every circle within a hall holds some of that.
    ...problemsOfCircles(rest, 'rooms', (path) => placeOf(path)?.name),
  ];
}

/** @returns {Import[]} */
function importsOf(path, source) {
  return specifiers(path, source).map(({ name, line }) => {
    const target = name !== null && /^[.#]/.test(name) ? targetOf(path, name) : undefined;
    return { path, line, name, target };
  });
}

/** Folders that the rule doesn't know, and those that are crowded. */
function problemsOfFolders(files) {
  const byFolder = new Map();
  for (const { path } of files) {
    const folder = posix.dirname(path);
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), path].sort());
  }
  return [...byFolder].flatMap(([folder, paths]) => {
    const known = (placeOf(paths[0])?.height ?? -1) >= 0;
    const stranger = `the import rule doesn't know ${folder}: its place is in scripts/imports/rooms.mjs`;
    const problem = `${folder} holds ${paths.length} files, and ${mostFiles} at most are allowed`;
    return [
      ...(known ? [] : [{ path: paths[0], line: 1, problem: stranger }]),
      ...(paths.length > mostFiles ? [{ path: paths[mostFiles], line: 1, problem }] : []),
    ];
  });
}

/** @param {Import} one */
function problemOf({ path, name, target }) {
  if (name === null) return problemOfComputed(path);
  if (target !== undefined) return problemOfFile(path, name, target);
  return name.startsWith('node:') || isBuiltin(name) ? undefined : problemOfPackage(path, name);
}

/** What a hall without packages imports must be seen to be none; elsewhere it may be computed. */
function problemOfComputed(path) {
  const { hall } = placeOf(path) ?? {};
  if (hall?.bare !== true || isAt(path, loadsComputed)) return undefined;
  return `${hall.name} may not import a computed name, which can't be checked`;
}

function problemOfFile(path, name, target) {
  const home = sourceFolderOf(path);
  if (!target.startsWith(`${home}/`)) return `'${name}' is outside ${home}`;
  const [from, to] = [placeOf(path), placeOf(target)];
  // A folder that isn't known is a problem of its own.
  if (!(from?.height >= 0 && to?.height >= 0)) return undefined;
  if (from.hall !== to.hall) {
    const may = from.hall.imports.includes(to.hall.name);
    return may ? undefined : `${from.hall.name} may not import ${to.hall.name} ('${name}')`;
  }
  if (from.height > to.height || from.name === to.name) return undefined;
  const where = from.height === to.height ? 'beside' : 'above';
  return `${from.name} may not import ${to.name}, which is ${where} it ('${name}')`;
}

function problemOfPackage(path, name) {
  const packageName = name.split('/', name.startsWith('@') ? 2 : 1).join('/');
  if (packageName === path.split('/')[1]) return `'${name}' is this package: use a relative path`;
  const { hall } = placeOf(path) ?? {};
  if (hall?.bare === true) return `${hall.name} may not import a package ('${name}')`;
  const place = reserved.find((rule) => rule.name.test(packageName))?.place;
  if (place === undefined || isAt(path, place)) return undefined;
  return `only ${place} may name '${packageName}'`;
}

/**
 * Circles of files, or of the rooms that they are in.
 *
 * @param {Import[]} imports
 * @param {'files' | 'rooms'} what
 * @param {(path: string) => string | undefined} nodeOf
 * @returns {Violation[]} each at the import that begins the circle
 */
function problemsOfCircles(imports, what, nodeOf) {
  /** @type {Map<string, Map<string, Import>>} */
  const graph = new Map();
  for (const one of imports) {
    if (one.target === undefined) continue;
    const [from, to] = [nodeOf(one.path), nodeOf(one.target)];
    const isWithin = what === 'rooms' && from === to;
    if (from === undefined || to === undefined || isWithin) continue;
    graph.set(from, new Map([[to, one], ...(graph.get(from) ?? [])]));
  }
  const leadsTo = new Map([...graph].map(([node, ways]) => [node, [...ways.keys()]]));
  return circles(leadsTo).map((circle) => {
    const [first, second = first] = circle;
    const { path, line } = graph.get(first).get(second);
    const names = [...circle, first].map((node) => node.replace(`${sourceFolderOf(path)}/`, ''));
    return { path, line, problem: `${what} import one another: ${names.join(' → ')}` };
  });
}

function sources() {
  return packageFolders()
    .flatMap((folder) => filesUnder(join(folder, 'src'), 'ts'))
    .map((file) => ({
      path: relative(root, file).replaceAll('\\', '/'),
      source: readFileSync(file, 'utf8'),
    }));
}

await program(import.meta, () => {
  const found = violations(sources());
  for (const { path, line, problem } of found) console.log(`${path}:${line}: ${problem}`);
  return found.length > 0 ? 1 : 0;
});
