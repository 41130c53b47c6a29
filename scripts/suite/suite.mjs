/** Runs test files under one interpreter, side by side as far as they bear it. */
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
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
 * Runs the test files of a kind of run, or those of them whose names contain one of the filters. They
 * start hundreds of processes on machines that others use as well: a file with a failure is run once
 * more, alone, and named at the end. What fails twice has failed.
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
  const othersShare = watchMachine();
  const started = performance.now();
  /** @type {Result[]} */
  const results = [];
  await carryOutAll(jobsOf(selected(kind, filters)), async (job) => {
    const result = { ...job, ...(await runJob(node, job)) };
    if (result.tally.failed > 0 || !isWhole) console.log(result.output);
    console.log(fileLine(result));
    results.push(result);
  });
  const repeated = [];
  for (const result of results.filter(({ tally }) => tally.failed > 0)) {
    repeated.push(await runAgain(node, result));
  }
  const total = sum([
    ...results.flatMap((result) => talliesOf(result, failedFiles(result))),
    ...repeated.map(({ tally }) => tally),
  ]);
  if (total.passed + total.failed === 0) throw new ToolError('no test was executed');
  const cpuSeconds = [...results, ...repeated].reduce((all, one) => all + (one.cpuSeconds ?? 0), 0);
  const others = othersShare(cpuSeconds);
  const seconds = (performance.now() - started) / 1000;
  console.log(`\n${slowestTable(results)}\n`);
  console.log(runLine({ results, seconds, cpuSeconds, others }));
  const names = repeated.flatMap(({ files }) => files.map(({ name }) => basename(name)));
  if (names.length > 0) console.log(`run a second time: ${names.join(', ')}`);
  if (writes) writeDurations(results.filter(({ files }) => files.length === 1));
  return isWhole ? withBudgets(total, judgeBudgets(kind, results, others)) : total;
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

/** Those of a job's files that are to be run again; all of them where it is not known which failed. */
function failedFiles({ files, tallies, tally }) {
  if (tally.failed === 0) return [];
  const failed = files.filter(({ file }) => (tallies[file]?.failed ?? 0) > 0);
  return failed.length > 0 ? failed : files;
}

/** What the files of a job counted, without those that another run counts. */
function talliesOf({ files, tallies, tally }, without) {
  // All of a job's tests are its only file's, also those that a file of the harness declares for it.
  if (files.length === 1) return without.length === 0 ? [tally] : [];
  return files
    .filter((file) => !without.includes(file))
    .map(({ file }) => tallies[file] ?? sum([]));
}

async function runAgain(node, result) {
  const files = failedFiles(result);
  const again = await runJob(node, { files, machine: result.machine });
  const name = files.map((file) => basename(file.name)).join(', ');
  console.log(`\na second time, alone:\n${again.output}\n${fileLine({ ...again, name })}`);
  return { ...again, files };
}

function withBudgets(total, { lines, exceeded }) {
  for (const line of lines) console.log(line);
  if (!exceeded) return total;
  return { ...total, failed: total.failed + 1, failures: [...total.failures, lines.join('\n')] };
}
