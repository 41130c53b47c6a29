/** What a sample costs the blocked thread, and how soon after the threshold the first one comes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ToolError } from '../lib/program.mjs';
import { verdict } from './budget.mjs';
import { preloads } from './preloads.mjs';
import { inRounds } from './rounds.mjs';
import { writeScripts } from './scripts.mjs';
import { quantile } from './statistics.mjs';

const budgetP50Ms = 0.5;
const budgetP99Ms = 3;
const budgetFirstMs = 15;

const scripts = 1000;
const blocks = 4;
const blockMs = 3000;

/**
 * More often than the default, for more values from a block. Not much more: samples must stay far
 * enough apart to tell what each of them cost.
 */
const sampleMs = 5;
const thresholdMs = 100;

/**
 * Connecting, the call of loopwatch's function and disconnecting follow one another so closely that
 * the program gets to run for less than this between them, if at all.
 */
const togetherMs = 0.1;

/** Gaps shorter than this say nothing about anyone. */
const noticeableMs = 0.1;

/** @type {import('./benchmarks.mjs').Benchmark} */
export const samples = {
  name: 'samples',
  runs: 3,
  heading: ['measured', 'p50, ms', 'p99, ms', 'most, ms', 'of', 'budget'],
  async measure(setting) {
    const folder = join(setting.project.folder, 'scripts');
    writeScripts(folder, scripts);
    const { unwatched, watched } = await inRounds(
      ['unwatched', 'watched'],
      setting.runs,
      (variant) => runBlocked(setting, folder, variant === 'watched' ? preloads.loopwatch : []),
    );
    return rowsOf(watched.flat(), unwatched.flat());
  },
};

/**
 * @typedef {object} Block
 * @property {[number, number][]} gaps from when to when the program did not get to run, in ms
 * @property {[number, number][]} samples from when to when loopwatch's function ran
 * @property {number | null} lastBeatMs the beat before the block, null without loopwatch
 */

/** @returns {Promise<Block[]>} */
async function runBlocked({ node, project }, folder, flags) {
  const env = {
    ...project.env,
    LOOPWATCH_SAMPLE_MS: String(sampleMs),
    LOOPWATCH_THRESHOLD_MS: String(thresholdMs),
    LOOPWATCH_MAX_REPORTS_PER_CULPRIT: '1000000',
  };
  const args = [
    '--import',
    './beats.mjs',
    ...flags,
    'blocked.mjs',
    folder,
    String(blocks),
    String(blockMs),
  ];
  const child = spawn(node, args, {
    cwd: project.folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new ToolError(`the blocked program ended with exit code ${code}`);
  return JSON.parse(output);
}

function rowsOf(watched, unwatched) {
  const costs = watched.flatMap(costsOf);
  const own = watched.flatMap(({ samples: taken }) => taken.map(lengthOf));
  const first = watched.map(firstSampleMs);
  if (costs.length === 0) throw new ToolError('not a single sample was taken');
  const noise = noticeable(unwatched);
  const seconds = (unwatched.length * blockMs) / 1000;
  const extraMs = sum(noticeable(watched)) - sum(noise);
  const p50 = verdict(quantile(costs, 0.5), budgetP50Ms);
  const p99 = verdict(quantile(costs, 0.99), budgetP99Ms);
  return [
    ['a sample, in all', ...spread(costs), `${costs.length} samples`, `p50 ${p50}, p99 ${p99}`],
    ["of it, loopwatch's function", ...spread(own), `${own.length} samples`, ''],
    [
      'late beat to first sample',
      ...spread(first),
      `${first.length} blocks`,
      `p99 ${verdict(quantile(first, 0.99), budgetFirstMs)}`,
    ],
    [
      'all gaps, less those unwatched',
      `mean ${(extraMs / costs.length).toFixed(2)}`,
      '',
      '',
      `${costs.length} samples`,
      '',
    ],
    [
      `gaps > ${noticeableMs} ms, unwatched`,
      ...(noise.length === 0 ? ['', '', ''] : spread(noise)),
      `${(noise.length / seconds).toFixed(1)} a second`,
      '',
    ],
  ];
}

/**
 * What each sample of a block cost: the gap that it was taken in, with those close to it.
 *
 * @param {Block} block
 * @returns {number[]} ms
 */
export function costsOf({ gaps, samples: taken }) {
  const clusters = clustered(gaps);
  return taken.map(([begin, end]) => {
    const around = clusters.find(({ from, to }) => from <= begin && to >= end);
    if (around === undefined) throw new ToolError('a sample was taken while the program ran');
    return around.ms;
  });
}

/** Gaps, in the order of time, put together where the program hardly ran between them. */
function clustered(gaps) {
  const clusters = [];
  for (const [from, to] of gaps) {
    const last = clusters.at(-1);
    if (last !== undefined && from - last.to < togetherMs) {
      last.to = to;
      last.ms += to - from;
    } else {
      clusters.push({ from, to, ms: to - from });
    }
  }
  return clusters;
}

function lengthOf([begin, end]) {
  return end - begin;
}

/** From the moment at which the beat was late to the first sample. */
function firstSampleMs({ samples: [first], lastBeatMs }) {
  if (first === undefined || lastBeatMs === null) throw new ToolError('a block was not sampled');
  return first[0] - (lastBeatMs + thresholdMs);
}

function noticeable(blocksOfOne) {
  return blocksOfOne.flatMap(({ gaps }) => gaps.map(lengthOf)).filter((ms) => ms > noticeableMs);
}

function spread(values) {
  return [0.5, 0.99, 1].map((q) => quantile(values, q).toFixed(2));
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
