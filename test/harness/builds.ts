/** The TypeScript program of test/programs/typescript, built in the ways in which people build theirs. */
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import webpack, { type Configuration } from 'webpack';
import { type Scope, temporaryFolder } from './folder.js';
import { programPath } from './places.js';

const { resolve } = createRequire(import.meta.url);

/** A built program. */
export interface Built {
  /** Its project: the sources are in `src`. */
  readonly folder: string;
  /** What Node is started with, besides the program's own arguments. */
  readonly args: readonly string[];
}

/** A copy of the program, in a folder of its own. */
function project(scope: Scope): string {
  const folder = temporaryFolder(scope);
  cpSync(programPath('typescript'), folder, { recursive: true });
  return folder;
}

function tsc(folder: string, ...options: string[]): void {
  const compiler = fileURLToPath(
    new URL('../../../node_modules/typescript/bin/tsc', import.meta.url),
  );
  const types = fileURLToPath(new URL('../../../node_modules/@types', import.meta.url));
  const args = ['--ignoreConfig', '--outDir', 'dist', '--module', 'nodenext', '--target', 'es2022'];
  const known = ['--types', 'node', '--typeRoots', types, join('src', 'app.ts')];
  execFileSync(process.execPath, [compiler, ...args, ...known, ...options], { cwd: folder });
}

async function esbuild(folder: string, options: object): Promise<void> {
  await build({
    ...{ absWorkingDir: folder, entryPoints: ['src/app.ts'], outfile: 'dist/app.mjs' },
    ...{ bundle: true, platform: 'node', format: 'esm', logLevel: 'silent', ...options },
  });
}

/** Bundled by webpack, minified by its terser. */
function bundle(folder: string, options: Configuration): Promise<void> {
  const configuration: Configuration = {
    ...{ mode: 'production', context: folder, target: 'node20', ...options },
    output: { path: join(folder, 'dist'), filename: 'app.mjs', module: true, clean: true },
    experiments: { outputModule: true },
  };
  return new Promise((done, failed) => {
    webpack(configuration, (error, stats) => {
      if (error) failed(error);
      else if (stats?.hasErrors()) failed(new Error(stats.toString({ all: false, errors: true })));
      else done();
    });
  });
}

/** A loader as ts-loader is one: TypeScript in, JavaScript and its map out. */
const LOADER = `
const { transform } = require(${JSON.stringify(resolve('esbuild'))});
module.exports = async function (source) {
  const done = this.async();
  const options = { loader: 'ts', sourcemap: 'external', sourcefile: this.resourcePath };
  const { code, map } = await transform(source, options);
  done(null, code, JSON.parse(map));
};
`;

type Build = (folder: string) => Promise<readonly string[]>;

/** By name. Without their sources, where the map holds these. */
const builds: Readonly<Record<string, Build>> = {
  async tsc(folder) {
    tsc(folder, '--sourceMap');
    return [join(folder, 'dist', 'app.js')];
  },
  async 'tsc, maps inline'(folder) {
    tsc(folder, '--inlineSourceMap', '--inlineSources');
    rmSync(join(folder, 'src'), { recursive: true });
    return [join(folder, 'dist', 'app.js')];
  },
  async 'esbuild, minified'(folder) {
    await esbuild(folder, { minify: true, sourcemap: 'linked' });
    rmSync(join(folder, 'src'), { recursive: true });
    return [join(folder, 'dist', 'app.mjs')];
  },
  async 'esbuild, minified, map inline'(folder) {
    await esbuild(folder, { minify: true, sourcemap: 'inline' });
    return [join(folder, 'dist', 'app.mjs')];
  },
  async 'esbuild, map by debug id'(folder) {
    await esbuild(folder, { minify: true, sourcemap: 'external' });
    const [script, map] = [join(folder, 'dist', 'app.mjs'), join(folder, 'dist', 'app.mjs.map')];
    const debugId = '85314830-023f-4cf1-a267-535f4e37bb17';
    writeFileSync(script, `${readFileSync(script, 'utf8')}//# debugId=${debugId}\n`);
    const text = JSON.parse(readFileSync(map, 'utf8')) as object;
    writeFileSync(map, JSON.stringify({ ...text, debug_id: debugId }));
    return [script];
  },
  async 'esbuild, with --enable-source-maps'(folder) {
    await esbuild(folder, { minify: true, sourcemap: 'linked' });
    return ['--enable-source-maps', join(folder, 'dist', 'app.mjs')];
  },
  async 'webpack, minified'(folder) {
    writeFileSync(join(folder, 'loader.cjs'), LOADER);
    await bundle(folder, {
      entry: './src/app.ts',
      devtool: 'source-map',
      resolve: { extensionAlias: { '.js': ['.ts'] } },
      module: { rules: [{ test: /\.ts$/, loader: join(folder, 'loader.cjs') }] },
    });
    rmSync(join(folder, 'src'), { recursive: true });
    return [join(folder, 'dist', 'app.mjs')];
  },
  async 'webpack, of what tsc has built'(folder) {
    tsc(folder, '--sourceMap', '--outDir', 'build');
    await bundle(folder, { entry: './build/app.js', devtool: 'source-map' });
    return [join(folder, 'dist', 'app.mjs')];
  },
  async tsx(folder) {
    return ['--import', import.meta.resolve('tsx'), join(folder, 'src', 'app.ts')];
  },
};

/** The compiler by itself, and a bundler: those that each run of the tests builds with. */
export const representatives: readonly string[] = ['tsc', 'esbuild, minified'];

export const otherBuilds: readonly string[] = Object.keys(builds).filter(
  (name) => !representatives.includes(name),
);

/** Builds a copy of the program. */
export async function built(scope: Scope, name: string): Promise<Built> {
  const folder = project(scope);
  const args = await builds[name]?.(folder);
  if (args === undefined) throw new Error(`no build is called ${name}`);
  return { folder, args };
}
