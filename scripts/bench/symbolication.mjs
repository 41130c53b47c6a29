/** What reading a large source map does to the watchdog, and how soon a report names the source. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ToolError } from '../lib/program.mjs';
import { verdict } from './budget.mjs';
import { preloads } from './preloads.mjs';
import { inRounds } from './rounds.mjs';
import { differences, median, middle } from './statistics.mjs';

/** The default of `beatMs`: as often the watchdog looks. */
const pollMs = 20;

const budgetFirstMs = 2000;
/** More than with a small map. */
const budgetNextMs = 50;

/** The first one has its map read; the others find it read. */
const blocks = 6;
const blockMs = 400;
/** Longer than reading takes. */
const afterMs = 3000;

const program = 'mapped.mjs';

/** By variant, how much the map has of what never runs. */
const repetitions = { 'a small map': 1, 'a map of 20 MB': 250_000 };

/** @type {import('./benchmarks.mjs').Benchmark} */
export const symbolication = {
  name: 'symbolication',
  runs: 4,
  heading: [
    'program with',
    'watchdog late, most, ms',
    'first report after, ms',
    'later ones, ms',
    'budget',
  ],
  async measure(setting) {
    const names = Object.keys(repetitions);
    const measured = await inRounds(names, setting.runs, (name) => run(setting, repetitions[name]));
    return names.map((name) => rowOf(name, measured[name], measured[names[0]]));
  },
};

/** The script's lines are 100 further down in its source; then much of what never runs. */
function mapText(lines, repeated) {
  return JSON.stringify({
    version: 3,
    file: program,
    sources: ['mapped.ts', 'rest.ts'],
    sourcesContent: ['\n'.repeat(200), 'rest();\n'.repeat(6 * repeated)],
    names: [],
    mappings: `AAoGA${';AACA'.repeat(lines)}${';AAAA,CAAC,CAAC,CAAC,CAAC,CAAC,CAAC,CAAC,CAAC,CAAC'.repeat(repeated)}`,
  });
}

function writeProgram(project, repeated) {
  const folder = join(project.folder, 'mapped');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const file = join(folder, program);
  copyFileSync(join(project.folder, program), file);
  const code = readFileSync(file, 'utf8');
  writeFileSync(file, `${code}//# sourceMappingURL=${program}.map\n`);
  writeFileSync(`${file}.map`, mapText(code.split('\n').length, repeated));
  return {
    file,
    line: code.split('\n').findIndex((line) => line.includes('// the culprit')) + 101,
  };
}

/** @returns {Promise<{ lateMs: number, firstMs: number, nextMs: number }>} */
async function run({ node, project }, repeated) {
  const { file, line } = writeProgram(project, repeated);
  const log = join(project.folder, 'mapped', 'log.ndjson');
  const flags = ['--import', './ticks.mjs', ...preloads.loopwatch];
  const child = spawn(node, [...flags, file, String(blocks), String(blockMs), String(afterMs)], {
    cwd: project.folder,
    env: { ...project.env, LOOPWATCH_LOG: log },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new ToolError(`the program with a map ended with exit code ${code}`);
  const [firstMs, ...laterMs] = delaysIn(readFileSync(log, 'utf8'), line);
  const longestMs = Number(output);
  if (!(longestMs > 0)) throw new ToolError('the watchdog was not seen to look');
  return { lateMs: longestMs - pollMs, firstMs, nextMs: median(laterMs) };
}

/** How long after the end of each block its report was written. */
function delaysIn(log, line) {
  const reports = log
    .trim()
    .split('\n')
    .map((each) => JSON.parse(each));
  const ours = reports.filter(({ block }) => block?.culprit?.file.endsWith('mapped.ts'));
  // The machine may have kept one from running, which is no block then.
  if (ours.length < 2 || ours.some(({ block }) => block.culprit.line !== line)) {
    throw new ToolError(
      `too few reports name the source, on a machine that may be too busy: ${log}`,
    );
  }
  return ours.map(({ time, block }) => time - Date.parse(block.startedAt) - block.durationMs);
}

function rowOf(name, measured, small) {
  const valuesOf = (runs) =>
    ['lateMs', 'firstMs', 'nextMs'].map((what) => runs.map((run) => run[what]));
  const [late, first, next] = valuesOf(measured);
  const [, , nextOfSmall] = valuesOf(small);
  const cells = [name, middle(late, 1), middle(first, 0), middle(next, 1)];
  if (measured === small) return [...cells, ''];
  const judged = [
    `late ${verdict(Math.max(...late), pollMs)}`,
    `first ${verdict(Math.max(...first), budgetFirstMs)}`,
    `later ${verdict(Math.max(...differences(nextOfSmall, next)), budgetNextMs)}`,
  ].join(', ');
  return [...cells, judged];
}
