/** Runs the corpus with one interpreter. */
import { forkedRuns } from '../lib/runs.mjs';

/** @typedef {import('./runs.mjs').Result} Result */

/**
 * @param {object} options
 * @param {string} options.node the interpreter under test
 * @param {number} options.times
 * @param {string[]} [options.only] names of scenarios
 * @param {(result: Result) => void} [options.onResult]
 * @returns {Promise<Result[]>}
 */
export function runCorpus({ node, times, only = [], onResult }) {
  const module = new URL('runs.mjs', import.meta.url);
  return forkedRuns({ module, args: [String(times), ...only], node, onResult });
}
