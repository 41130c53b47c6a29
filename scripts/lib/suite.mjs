/**
 * Runs the test suite once, under one interpreter, with Node.js's own test runner. What it prints
 * is for people; what the scripts count comes from a second reporter, through a file.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { command } from './command.mjs';
import { ToolError } from './program.mjs';
import { sum } from './tally.mjs';
import { testFiles } from './tree.mjs';

/** @typedef {import('./tally.mjs').Tally} Tally */

/** Enough for the slowest test file on two busy cores; a file that hangs must not use up CI's time. */
const fileTimeoutMs = 600_000;

const reporter = new URL('tally-reporter.mjs', import.meta.url).href;

/**
 * Runs the built test files whose names contain one of the filters, or all without a filter. The
 * runner and the tests in it run on `node`; tests that start programs find it in the environment
 * variable LOOPWATCH_TEST_NODE.
 *
 * One file at a time, since tests measure time on threads of their own. They start hundreds of
 * processes on machines that others use as well: a file with a failure is run once more, and named
 * at the end. What fails twice has failed.
 *
 * @param {object} options
 * @param {string} options.node path of the interpreter
 * @param {string[]} [options.filters]
 * @param {string[]} [options.except] beginnings of the names of files to leave out
 * @returns {Promise<Tally>} with `failed` above zero whenever the run did not succeed
 * @throws {ToolError} when no test was executed
 */
export async function runSuite({ node, filters = [], except = [] }) {
  const files = testFiles()
    .filter((file) => matches(basename(file), filters))
    .filter((file) => !except.some((start) => basename(file).startsWith(start)));
  if (files.length === 0) throw new ToolError(`no test file matches '${filters.join("', '")}'`);
  const tallies = [];
  const repeated = [];
  for (const file of files) {
    let tally = await runFile(node, file);
    if (tally.failed > 0) {
      repeated.push(basename(file));
      tally = await runFile(node, file);
    }
    tallies.push(tally);
  }
  if (repeated.length > 0) console.log(`\nrun a second time: ${repeated.join(', ')}`);
  const total = sum(tallies);
  if (total.passed + total.failed === 0) throw new ToolError('no test was executed');
  return total;
}

/** @returns {Promise<Tally>} */
async function runFile(node, file) {
  const folder = mkdtempSync(join(tmpdir(), 'loopwatch-test-'));
  try {
    const results = join(folder, 'tally.json');
    const args = [
      '--test',
      `--test-timeout=${fileTimeoutMs}`,
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      ...[`--test-reporter=${reporter}`, `--test-reporter-destination=${results}`],
      file,
    ];
    const env = { ...process.env, LOOPWATCH_TEST_NODE: node };
    const { ok, status } = await command(node, args, { env, show: true });
    const tally = readTally(results, status);
    // The runner also fails for what is no test, e.g. a suite whose body throws: that counts as one.
    return ok ? tally : { ...tally, failed: Math.max(tally.failed, 1) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function matches(name, filters) {
  return filters.length === 0 || filters.some((filter) => name.includes(filter));
}

function readTally(file, status) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new ToolError(`the test runner ended without a result: ${status}`);
  }
}
