/**
 * Runs test files with Node.js's own test runner, in one process for each file. What it prints is for
 * people; what the scripts count comes from a second reporter, through a file.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from '../lib/command.mjs';
import { ToolError } from '../lib/program.mjs';
import { sum } from './tally.mjs';

/** @typedef {import('./tally.mjs').Tally} Tally */
/** @typedef {import('./tally.mjs').Report} Report */

/** Enough for the slowest test on two busy cores; one that hangs must not use up CI's time. */
const TEST_TIMEOUT_MS = 300_000;

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
 * @returns {Promise<Outcome>}
 * @throws {ToolError} when the runner left no result
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
    const env = { ...process.env, LOOPWATCH_TEST_NODE: node, LOOPWATCH_TEST_WAITS: waits };
    const started = performance.now();
    const { ok, status, output } = await command(node, args, { env, niceness });
    const seconds = (performance.now() - started) / 1000;
    const report = readReport(results, status, output);
    const tally = sum(Object.values(report.files));
    // The runner also fails for what is no test, e.g. a suite whose body throws: that counts as one.
    if (!ok) tally.failed = Math.max(tally.failed, 1);
    const { files: tallies, cpuSeconds } = report;
    return { tally, tallies, seconds, cpuSeconds, waits: readWaits(waits), output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns {Report} */
function readReport(file, status, output) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new ToolError(`${output}\nthe test runner ended without a result: ${status}`);
  }
}

/** One line a process: each test file's, which may have children that use the harness too. */
function readWaits(file) {
  if (!existsSync(file)) return {};
  const waits = {};
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    for (const [what, ms] of Object.entries(JSON.parse(line)))
      waits[what] = (waits[what] ?? 0) + ms;
  }
  return waits;
}
