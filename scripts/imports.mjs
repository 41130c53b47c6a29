/**
 * Checks the import rule: which folder ("room") of packages/loopwatch/src may import which, and
 * which single place may name a package that is loaded lazily or isn't wanted everywhere. Rooms run
 * on different threads; an import across rooms would load one thread's code, and all it depends on,
 * on another. `new URL('../watchdog/entry.js', import.meta.url)` is how one room starts another, and
 * is not an import.
 */
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix, relative } from 'node:path';
import { root } from './lib/paths.mjs';
import { program } from './lib/program.mjs';
import { specifiers } from './lib/specifiers.mjs';
import { filesUnder, packageFolders } from './lib/tree.mjs';

const rooms = 'packages/loopwatch/src/';

/** The files directly in src, which are the package's entries, count as a room of this name. */
const entries = 'entries';

/** Rooms that a room may import besides itself. `bare`: no packages but Node.js's own. */
const mayImport = {
  shared: { rooms: [], bare: true },
  main: { rooms: ['shared'], bare: true },
  watchdog: { rooms: ['shared'], bare: true },
  reporter: { rooms: ['shared'], bare: false },
  http: { rooms: ['main', 'shared', entries], bare: false },
  testing: { rooms: ['main', 'shared', entries], bare: false },
  exporters: { rooms: ['main', 'shared'], bare: false },
  cli: { rooms: ['main', 'shared', 'testing'], bare: false },
  [entries]: { rooms: ['main', 'shared', 'http'], bare: true },
};

/** The one place that loads what the program has installed: it can't be named by us. */
const loadsComputed = `${rooms}main/partners/optional-package`;

/** Packages that one place alone may name; the place is a file without its ending, or a folder. */
const reserved = [
  { name: /^@jridgewell\//, place: `${rooms}reporter/symbolicate` },
  { name: /^piscina$/, place: `${rooms}reporter/symbolicate` },
  { name: /^@sentry\//, place: `${rooms}reporter/sinks/sentry` },
  { name: /^(https-proxy-agent|proxy-from-env)$/, place: `${rooms}reporter/sinks/sentry/post` },
  { name: /^pino$/, place: `${rooms}reporter/sinks/log` },
  { name: /^(commander|ws)$/, place: `${rooms}cli` },
  { name: /^(preact|d3-.*)$/, place: 'packages/loopwatch/page' },
  { name: /^prom-client$/, place: `${rooms}exporters/prometheus` },
  { name: /^@opentelemetry\//, place: `${rooms}exporters/opentelemetry` },
  { name: /^inspector-api$/, place: 'packages/profiler/src' },
  { name: /^koffi$/, place: 'packages/dead-client/src' },
];

/** @typedef {{ path: string, source: string }} File `path` is relative to the checkout, with `/` */
/** @typedef {{ path: string, line: number, problem: string }} Violation */

/**
 * @param {File[]} files
 * @returns {Violation[]}
 */
export function violations(files) {
  return files.flatMap(({ path, source }) => {
    return specifiers(path, source).flatMap(({ name, line }) => {
      const problem = name === null ? problemOfComputed(path) : problemOf(path, name);
      return problem === undefined ? [] : [{ path, line, problem }];
    });
  });
}

/** What a room without packages imports must be seen to be none; elsewhere it may be computed. */
function problemOfComputed(path) {
  const room = roomOf(path);
  if (mayImport[room]?.bare !== true || isAt(path, loadsComputed)) return undefined;
  return `${room} may not import a computed name, which can't be checked`;
}

function problemOf(path, name) {
  if (name.startsWith('node:') || isBuiltin(name)) return undefined;
  return /^[.#]/.test(name) ? problemOfFile(path, name) : problemOfPackage(path, name);
}

function problemOfFile(path, name) {
  const target = fileOf(path, name);
  const home = path.split('/').slice(0, 3).join('/');
  if (!target.startsWith(`${home}/`)) return `'${name}' is outside ${home}`;
  const [from, to] = [roomOf(path), roomOf(target)];
  if (from === undefined || from === to) return undefined;
  const rule = mayImport[from];
  if (rule === undefined) return `the import rule doesn't know the folder '${from}'`;
  return rule.rooms.includes(to) ? undefined : `${from} may not import ${to} ('${name}')`;
}

function problemOfPackage(path, name) {
  const packageName = name.split('/', name.startsWith('@') ? 2 : 1).join('/');
  if (packageName === path.split('/')[1]) return `'${name}' is this package: use a relative path`;
  const room = roomOf(path);
  if (mayImport[room]?.bare === true) return `${room} may not import a package ('${name}')`;
  const place = reserved.find((rule) => rule.name.test(packageName))?.place;
  if (place === undefined || isAt(path, place)) return undefined;
  return `only ${place} may name '${packageName}'`;
}

/** Path of the file that a relative specifier or one of the package's own `#src/` names. */
function fileOf(path, name) {
  if (name.startsWith('#src/')) return `${rooms}${name.slice('#src/'.length)}`;
  return posix.join(posix.dirname(path), name);
}

function roomOf(path) {
  if (!path.startsWith(rooms)) return undefined;
  const [folder, ...rest] = path.slice(rooms.length).split('/');
  return rest.length === 0 ? entries : folder;
}

function isAt(path, place) {
  return path.startsWith(`${place}/`) || path.startsWith(`${place}.`);
}

function sources() {
  return packageFolders()
    .flatMap((folder) => filesUnder(join(folder, 'src'), '.ts'))
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
