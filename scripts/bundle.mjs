/**
 * Bundles each entry into one file, since loading is what the preload costs every process. The type
 * checker's output (build/) stays unbundled: unit tests and the published types use it.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { root } from './lib/paths.mjs';

/** By package, the files that Node loads by themselves: its entries, and one for each thread. */
const packages = {
  loopwatch: [
    ...['register', 'index', 'sentry', 'watchdog/entry', 'reporter/entry'],
    'reporter/symbolicate/worker',
    'cli/main',
    ...['exporters/prometheus', 'exporters/opentelemetry'],
    ...['testing/testing', 'testing/node-test', 'testing/vitest', 'testing/mocha'],
    ...['testing/jest-adapter', 'testing/node-test-adapter'],
    ...['http/instrument', 'http/express', 'http/fastify', 'http/koa', 'http/hono'],
  ],
  'dead-client': ['index'],
  profiler: ['index'],
};

/**
 * By package, the entries whose sources lie deeper than their bundles: a bundle that tells loopwatch's own
 * frames from the program's is one folder deep or none (src/shared/own-folder.ts).
 */
const raised = {
  loopwatch: {
    'http/pages': 'src/http/pages/pages.ts',
    'reporter/direct': 'src/reporter/symbolicate/direct.ts',
  },
};

/**
 * Takes Node's builtins as objects. An ES import of one would make a module of all its exports, and
 * reading them loads what hides behind getters: `node:fs` alone brings its streams and promises,
 * 2 to 4 ms for every process with the preload (measured on Node.js 24).
 */
const builtins = {
  name: 'builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'builtin' }));
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => {
      return { contents: `module.exports = process.getBuiltinModule('${path}');` };
    });
  },
};

/** Files of their own, and what the entries call them that load them. */
const ownFiles = {
  'index.js': '../index.js',
  'http/pages/pages.js': './http/pages.js',
  'testing/testing.js': './testing.js',
  'testing/node-test-adapter.js': './node-test-adapter.js',
};

/**
 * What is a file of its own: adapters start the watch of `loopwatch` itself, and do not hold another
 * copy of it; the pages of the modes are loaded by whom they are for; a process has one test gate, and
 * one adapter to it for node:test, whether that is imported or required.
 */
const separate = {
  name: 'separate',
  setup({ onResolve }) {
    onResolve(
      { filter: /^\..*\/(?:index|pages|testing|node-test-adapter)\.js$/ },
      ({ path, resolveDir }) => {
        const source = relative(join(root, 'packages', 'loopwatch', 'src'), join(resolveDir, path));
        const found = ownFiles[source];
        return found === undefined ? undefined : { path: found, external: true };
      },
    );
  },
};

/** What is in a page's script besides of ours, whose licences ask to be named. */
const notices = `/*! loopwatch (MIT). With preact (MIT, (c) 2015-present Jason Miller) and d3-hierarchy, d3-scale
and what they need of d3 (ISC, (c) 2010-2024 Mike Bostock, Observable, Inc.). */`;

/**
 * The sinks of a package, which the reporter loads by their names: each folder is one. What is bundled
 * lies one folder deep, as all entries do: that is where it looks for its package.
 */
function sinksOf(folder) {
  const sinks = join('src', 'reporter', 'sinks');
  if (!existsSync(join(folder, sinks))) return {};
  const all = readdirSync(join(folder, sinks), { withFileTypes: true });
  const names = all.filter((one) => one.isDirectory()).map(({ name }) => name);
  return Object.fromEntries(names.map((name) => [`sinks/${name}`, join(sinks, name, 'sink.ts')]));
}

/** Writes the dist folder of every package, and leaves nothing else there: it is published as it is. */
export async function bundle() {
  const loopwatch = join(root, 'packages', 'loopwatch');
  const written = await Promise.all([
    ...Object.entries(packages).map(([name, entries]) => {
      return bundlePackage(join(root, 'packages', name), entries, raised[name]);
    }),
    bundleForJest(loopwatch),
    bundlePages(loopwatch),
  ]);
  const known = new Set(written.flat());
  for (const name of Object.keys(packages))
    removeOthers(join(root, 'packages', name, 'dist'), known);
}

/** @param {Set<string>} known the files that stay */
function removeOthers(folder, known) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && !known.has(file)) rmSync(file, { force: true });
  }
}

/**
 * @param {import('esbuild').BuildOptions & { absWorkingDir: string }} options
 * @returns the absolute paths of the files that it wrote
 */
async function write(options) {
  const all = { ...options, outdir: 'dist', metafile: true, logLevel: 'warning' };
  const { metafile } = await build(all);
  return Object.keys(metafile.outputs).map((file) => join(options.absWorkingDir, file));
}

/** The one file that Jest loads itself, which has no `import` in its usual mode. */
function bundleForJest(folder) {
  return write({
    absWorkingDir: folder,
    entryPoints: { 'testing/jest': 'src/testing/jest.cts' },
    outExtension: { '.js': '.cjs' },
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
  });
}

/** What browsers get of loopwatch, as files that are read into pages: each script is whole. */
function bundlePages(folder) {
  return write({
    absWorkingDir: folder,
    entryPoints: ['page/report.tsx', 'page/live.tsx', 'page/style.css'],
    outbase: '.',
    bundle: true,
    minify: true,
    banner: { js: notices },
    platform: 'browser',
    format: 'iife',
    target: 'es2023',
    jsx: 'automatic',
    jsxImportSource: 'preact',
  });
}

/**
 * Bundles a package into its dist folder.
 *
 * @param {string} folder
 * @param {string[]} entries their sources below `src`, without the ending
 * @param {Record<string, string>} others entries that lie elsewhere in `dist`, and their sources
 * @returns the absolute paths of the files that it wrote
 */
export function bundlePackage(folder, entries, others = {}) {
  return write({
    absWorkingDir: folder,
    entryPoints: {
      ...Object.fromEntries(entries.map((entry) => [entry, `src/${entry}.ts`])),
      ...others,
      ...sinksOf(folder),
    },
    bundle: true,
    packages: 'external',
    plugins: [builtins, separate],
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
  });
}
