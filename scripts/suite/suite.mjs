/** Runs test files under one interpreter, side by side as far as they bear it. */
import { availableParallelism } from 'node:os';
import { ToolError } from '../lib/program.mjs';
import { judgeBudgets } from './budget.mjs';
import { expectedSeconds, writeDurations } from './durations.mjs';
import { watchMachine } from './machine.mjs';
import { nodeTest } from './node-test.mjs';
import { carryOutAll, niceness } from './schedule.mjs';
import { selected } from './selection.mjs';
import { fileLine, runLine, slowestTable } from './summary.mjs';
import { sum } from './tally.mjs';

/** @typedef {import('./tally.mjs').Tally} Tally */
/** @typedef {import('./selection.mjs').TestFile} TestFile */
/** @typedef {import('./schedule.mjs').Job & { name: string, files: TestFile[] }} Job */
/** @typedef {Job & import('./node-test.mjs').Outcome} Result what became of a job */

/**
 * Runs the test files of a kind of run, or those of them whose names contain one of the filters.
 *
 * @param {object} options
 * @param {string} options.node path of the interpreter
 * @param {keyof typeof import('./selection.mjs').kinds} options.kind
 * @param {string[]} [options.filters]
 * @param {boolean} [options.writes] whether the table of durations is written anew
 * @returns {Promise<Tally>} with `failed` above zero whenever the run did not succeed
 * @throws {ToolError} when no test was executed
 */
export async function runSuite({ node, kind, filters = [], writes = false }) {
  const isWhole = filters.length === 0;
  const { total, results, others } = await runFiles(node, selected(kind, filters), !isWhole);
  if (writes && isWhole && total.failed === 0) writeDurations(results);
  return isWhole ? withBudgets(total, judgeBudgets(kind, results, others)) : total;
}

/**
 * Runs test files. They start hundreds of processes on machines that others use as well: one with a failure
 * is run once more, alone, and named at the end. What fails twice has failed.
 *
 * @param {string} node path of the interpreter
 * @param {TestFile[]} files
 * @param {boolean} showsAll whether what passes is shown, too
 * @returns {Promise<{ total: Tally, results: Result[], others: number | null }>} `results`: those that
 *   count, of what was run again the second; `others`: the share of the machine that other programs had
 * @throws {ToolError} when no test was executed
 */
export async function runFiles(node, files, showsAll = false) {
  const othersShare = watchMachine();
  const started = performance.now();
  /** @type {Result[]} */
  const results = [];
  await carryOutAll(jobsOf(files), async (job) => {
    const result = { ...job, ...(await runJob(node, job)) };
    if (result.tally.failed > 0 || showsAll) console.log(result.output);
    console.log(fileLine(result));
    results.push(result);
  });
  const failed = results.filter(({ tally }) => tally.failed > 0);
  const repeated = [];
  for (const result of failed) repeated.push(await runAgain(node, result));
  const passed = results.filter(({ tally }) => tally.failed === 0);
  // A file that fails often takes until its deadline: what counts is its second run.
  const counted = [...passed, ...repeated];
  const total = sum(counted.map(({ tally }) => tally));
  if (total.passed + total.failed === 0) throw new ToolError('no test was executed');
  const cpuSeconds = cpuSecondsOf([...results, ...repeated]);
  const others = cpuSeconds === null ? null : othersShare(cpuSeconds);
  const seconds = (performance.now() - started) / 1000;
  console.log(`\n${slowestTable(results)}\n`);
  console.log(runLine({ results, seconds, cpuSeconds, others }));
  const names = failed.flatMap(namesOfFailed);
  if (names.length > 0) console.log(`run a second time: ${names.join(', ')}`);
  return { total, results: counted, others };
}

/** Null where that of a run is not known. */
function cpuSecondsOf(results) {
  if (results.some(({ cpuSeconds }) => cpuSeconds === null)) return null;
  return results.reduce((all, { cpuSeconds }) => all + cpuSeconds, 0);
}

/** Files that only compute share one run, since starting it would take longer than they do. */
function jobsOf(files) {
  const pure = files.filter(({ machine }) => machine === 'pure');
  const others = files.filter(({ machine }) => machine !== 'pure').map((file) => [file]);
  return [...(pure.length > 0 ? [pure] : []), ...others].map((group) => ({
    name: group.length === 1 ? group[0].name : `${group.length} files that only compute`,
    machine: group[0].machine,
    uses: group.flatMap(({ uses }) => uses),
    expectedSeconds: expectedSeconds(group.map(({ name }) => name)),
    files: group,
  }));
}

function runJob(node, { files, machine }) {
  const paths = files.map(({ file }) => file);
  const atOnce = machine === 'pure' ? availableParallelism() : 1;
  return nodeTest(node, paths, { atOnce, niceness: niceness[machine] });
}

async function runAgain(node, job) {
  const again = { ...job, ...(await runJob(node, job)) };
  console.log(`\na second time, alone:\n${again.output}\n${fileLine(again)}`);
  return again;
}

/** Those of a job's files that failed; the job where that is not known. */
function namesOfFailed({ name, files, tallies }) {
  const failed = files.filter(({ file }) => (tallies[file]?.failed ?? 0) > 0);
  return failed.length > 0 ? failed.map((file) => file.name) : [name];
}

function withBudgets(total, { lines, exceeded }) {
  for (const line of lines) console.log(line);
  if (!exceeded) return total;
  return { ...total, failed: total.failed + 1, failures: [...total.failures, lines.join('\n')] };
}
