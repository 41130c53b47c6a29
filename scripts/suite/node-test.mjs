/**
 * Runs test files with one call of Node.js's own test runner. What it prints is for people; what the
 * scripts count comes from a second reporter, through a file.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from '../lib/command.mjs';
import { sum } from './tally.mjs';

/** @typedef {import('./tally.mjs').Tally} Tally */
/** @typedef {import('./tally.mjs').Report} Report */

/** Enough for the slowest test on two busy cores; one that hangs must not use up CI's time. */
const TEST_TIMEOUT_MS = 300_000;

/** For the files of one run together: where not even the tests' time-outs work. */
const DEADLINE_MS = 900_000;

const reporter = new URL('tally-reporter.mjs', import.meta.url).href;

/**
 * @typedef {object} Outcome
 * @property {Tally} tally `failed` is above zero whenever the run did not succeed
 * @property {Report['files']} tallies by the file that was run
 * @property {number} seconds by the wall clock
 * @property {number | null} cpuSeconds of all the processes that it had to do with
 * @property {Record<string, number>} waits what the harness waited for, in ms, by its name
 * @property {string} output for people
 */

/**
 * The runner and the tests in it run on `node`; tests that start programs find it in the environment
 * variable LOOPWATCH_TEST_NODE. What the harness has waited for it writes where LOOPWATCH_TEST_WAITS says.
 *
 * @param {string} node path of the interpreter
 * @param {string[]} files
 * @param {{ atOnce?: number, niceness?: number }} [how] how many files run side by side, and the niceness
 *   of all that runs
 * @returns {Promise<Outcome>} a failure also where the runner left no result, and for a file without a test
 */
export async function nodeTest(node, files, { atOnce = 1, niceness = 0 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'loopwatch-test-'));
  try {
    const results = join(folder, 'tally.json');
    const waits = join(folder, 'waits.ndjson');
    const args = [
      ...['--test', `--test-concurrency=${atOnce}`, `--test-timeout=${TEST_TIMEOUT_MS}`],
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      ...[`--test-reporter=${reporter}`, `--test-reporter-destination=${results}`],
      ...files,
    ];
    const env = {
      ...process.env,
      LOOPWATCH_TEST_NODE: node,
      LOOPWATCH_TEST_WAITS: waits,
      // Where a test of ours starts this, its runner is not the one that tests report to.
      NODE_TEST_CONTEXT: undefined,
    };
    const started = performance.now();
    const options = { env, niceness, timeoutMs: DEADLINE_MS };
    const { ok, status, output } = await command(node, args, options);
    const seconds = (performance.now() - started) / 1000;
    const report = readReport(results);
    const { files: tallies, cpuSeconds } = report ?? { files: {}, cpuSeconds: null };
    const tally = sum(Object.values(tallies));
    const problems = [
      ...(report === null ? [`the test runner ended without a result: ${status}`] : []),
      ...emptyOf(files, tallies).map((file) => `no test was executed in ${file}`),
    ];
    tally.failed += problems.length;
    tally.failures.push(...problems);
    // The runner also fails for what is no test, e.g. a suite whose body throws: that counts as one.
    if (!ok) tally.failed = Math.max(tally.failed, 1);
    return { tally, tallies, seconds, cpuSeconds, waits: readWaits(waits), output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns {Report | null} */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** The files that had no test: it may be another file that declares those of the only one. */
function emptyOf(files, tallies) {
  const counted = ({ passed, failed, skipped }) => passed + failed + skipped > 0;
  if (files.length === 1) return Object.values(tallies).some(counted) ? [] : files;
  return files.filter((file) => tallies[file] === undefined || !counted(tallies[file]));
}

/** One line a process: each test file's, which may have children that use the harness too. */
function readWaits(file) {
  if (!existsSync(file)) return {};
  const waits = {};
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    for (const [what, ms] of Object.entries(JSON.parse(line))) {
      waits[what] = (waits[what] ?? 0) + ms;
    }
  }
  return waits;
}
