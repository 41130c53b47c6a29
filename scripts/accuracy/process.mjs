/**
 * Runs the corpus in a process of its own, one for each interpreter: the tests' harness reads from the
 * environment, once, which interpreter it starts.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ToolError } from '../lib/program.mjs';

/** @typedef {import('./runs.mjs').Result} Result */

/**
 * @param {object} options
 * @param {string} options.node the interpreter under test
 * @param {number} options.times
 * @param {string[]} [options.only] names of scenarios
 * @param {(result: Result) => void} [options.onResult]
 * @returns {Promise<Result[]>}
 */
export function runCorpus({ node, times, only = [], onResult = () => {} }) {
  const child = fork(
    fileURLToPath(new URL('runs.mjs', import.meta.url)),
    [String(times), ...only],
    { env: { ...process.env, LOOPWATCH_TEST_NODE: node } },
  );
  const results = [];
  child.on('message', (result) => {
    results.push(result);
    onResult(result);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(results);
      else reject(new ToolError(`the corpus could not be run: ${signal ?? `exit code ${code}`}`));
    });
  });
}
