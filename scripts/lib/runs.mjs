/**
 * Runs of the tests' harness outside of a test, in a process of their own for each interpreter: the
 * harness reads from the environment, once, which interpreter it starts.
 */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { root } from './paths.mjs';
import { ToolError } from './program.mjs';

/**
 * Runs a module that sends its results to the process that has forked it.
 *
 * @template Result
 * @param {object} options
 * @param {URL} options.module
 * @param {string[]} options.args
 * @param {string} options.node the interpreter under test
 * @param {(result: Result) => void} [options.onResult]
 * @returns {Promise<Result[]>}
 */
export function forkedRuns({ module, args, node, onResult = () => {} }) {
  const env = { ...process.env, LOOPWATCH_TEST_NODE: node };
  const child = fork(fileURLToPath(module), args, { env });
  const results = [];
  child.on('message', (result) => {
    results.push(result);
    onResult(result);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(results);
      else reject(new ToolError(`the runs came to no end: ${signal ?? `exit code ${code}`}`));
    });
  });
}

/** A module of the harness, which is compiled: there is none before the build. */
export function harness(name) {
  return import(pathToFileURL(join(root, 'test', 'dist', 'harness', `${name}.js`)).href);
}

/** What node:test does with the end of a test. */
export class Scope {
  #ends = [];

  after(end) {
    this.#ends.unshift(end);
  }

  async end() {
    for (const end of this.#ends) await end();
  }
}
