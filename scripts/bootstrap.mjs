/**
 * Takes a checkout from nothing to built, with only Node.js and npm: installs the locked
 * dependencies unless exactly these are installed already, and builds what has changed. Every other
 * script starts with this, so that each command works in a fresh clone; where there is nothing to
 * do it takes about half a second. `npm run build` is this script.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { must, pnpm, tool } from './lib/command.mjs';
import { root } from './lib/paths.mjs';
import { program } from './lib/program.mjs';
import { packageFolders, projects } from './lib/tree.mjs';

/** Holds the fingerprint of what was installed; gone with the installation if that is deleted. */
const stamp = join(root, 'node_modules', '.loopwatch-installed');

/** Installs and builds. */
export async function bootstrap() {
  await install();
  await build();
}

/** Installs the locked dependencies, unless they are installed already. */
export async function install() {
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.error('installing the locked dependencies');
  await pnpm(['install', '--frozen-lockfile']);
  writeFileSync(stamp, wanted);
}

/** Compiles every project that isn't up to date, and bundles what users load. */
export async function build() {
  const folders = projects().map((folder) => relative(root, folder));
  await must(tool('tsc'), ['--build', ...folders]);
  // Loaded only now: before the installation there is no bundler.
  const { bundle } = await import('./bundle.mjs');
  await bundle();
}

/** Hash of all that decides what pnpm installs. */
function fingerprint() {
  const members = [root, ...packageFolders(), join(root, 'test')];
  const files = [
    join(root, 'pnpm-lock.yaml'),
    join(root, 'pnpm-workspace.yaml'),
    ...members.map((folder) => join(folder, 'package.json')),
  ];
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

await program(import.meta, bootstrap);
