/** All benchmarks, in the order of docs/benchmarks.md. */
import { deadClients } from './dead-clients.mjs';
import { gate } from './gate.mjs';
import { idleCpu, memory } from './idle.mjs';
import { preload } from './preload.mjs';
import { perRequest } from './requests.mjs';
import { samples } from './samples.mjs';
import { symbolication } from './symbolication.mjs';

/**
 * @typedef {object} Setting
 * @property {string} node path of the interpreter
 * @property {number} major its release line
 * @property {import('./project.mjs').Project} project what is measured
 * @property {number} runs how often each variant is measured, or started to be measured
 * @property {number} seconds how long an idle process is measured
 *
 * @typedef {object} Benchmark
 * @property {string} name as `--only` and the markers in the document give it
 * @property {number} runs by default
 * @property {number} [seconds] by default, where an idle process is measured
 * @property {string[]} heading of the columns of `measure`
 * @property {(setting: Setting) => Promise<(string | number)[][]>} measure
 */

/** @type {Benchmark[]} */
export const benchmarks = [
  preload,
  memory,
  idleCpu,
  perRequest,
  samples,
  symbolication,
  deadClients,
  gate,
];
