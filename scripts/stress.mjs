/**
 * `npm run stress -- --processes 1000 --node 24`: many short processes that block their event loop
 * and end at random moments around the watchdog's captures: by process.exit, an exception, an
 * unhandled rejection, a signal or naturally. Each must end just as it does without loopwatch: no
 * crash, no hang, the same exit code, the same stderr, never "Waiting for the debugger".
 *
 * `--seed` repeats a run, `--only` one process of it; `--at-once` is 4.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrap } from './bootstrap.mjs';
import { program, ToolError } from './lib/program.mjs';
import { table } from './lib/table.mjs';
import { interpreter } from './nodes.mjs';
import { judge } from './stress/judge.mjs';
import { forms, trialOf, watching } from './stress/plan.mjs';
import { blockProcess } from './stress/process.mjs';

/** @typedef {import('./stress/plan.mjs').Trial} Trial */

/**
 * @typedef {object} Result
 * @property {Trial} trial
 * @property {string[]} problems none when it ended as it should have
 * @property {number} reports how many blocks were reported
 * @property {string} stderr
 */

/**
 * Runs the trials of a seed.
 *
 * @param {object} options
 * @param {string} options.node the interpreter
 * @param {number} options.seed
 * @param {number[]} options.indexes which trials
 * @param {number} [options.atOnce]
 * @param {(result: Result) => void} [options.onResult]
 * @returns {Promise<Result[]>}
 */
export async function stress({ node, seed, indexes, atOnce = 4, onResult = () => {} }) {
  const folder = mkdtempSync(join(tmpdir(), 'loopwatch-stress-'));
  const plainly = plainStderr(node);
  const left = [...indexes];
  const results = [];
  async function work() {
    for (let index = left.shift(); index !== undefined; index = left.shift()) {
      const result = await runTrial(node, trialOf(seed, index), folder, plainly);
      results.push(result);
      onResult(result);
    }
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, work));
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
  return results;
}

/** What each ending says without loopwatch, found out when first needed. */
function plainStderr(node) {
  const known = new Map();
  return ({ form, settings: { kind, end } }) => {
    const key = `${form} ${kind} ${end}`;
    if (!known.has(key)) {
      const short = blockProcess(node, forms[form].plain, { kind, end, ms: 1, delay: 1 });
      known.set(
        key,
        short.then(({ stderr }) => stderr),
      );
    }
    return known.get(key);
  };
}

/** @returns {Promise<Result>} */
async function runTrial(node, trial, folder, plainly) {
  const log = join(folder, `${trial.index}.ndjson`);
  const env = {
    ...watching,
    LOOPWATCH_LOG: log,
    // Each its own, or one would deliver what another has left.
    LOOPWATCH_JOURNAL_DIR: join(folder, `journal-${trial.index}`),
    LOOPWATCH_EXIT_FLUSH_MS: String(trial.exitFlushMs),
  };
  const outcome = await blockProcess(node, forms[trial.form].flags, trial.settings, env);
  const logged = existsSync(log) ? readFileSync(log, 'utf8') : '';
  const judgement = judge(trial, outcome, await plainly(trial), logged);
  return { trial, stderr: outcome.stderr, ...judgement };
}

function describe({ trial: { index, form, exitFlushMs, settings }, problems, stderr }) {
  const words = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return `#${index} --${form} exitFlushMs=${exitFlushMs} ${words.join(' ')}: ${problems.join('; ')}\n${stderr}`;
}

function tally(results) {
  const ends = [...new Set(results.map(({ trial }) => trial.settings.end))].sort();
  const row = (name, some) => [
    name,
    some.length,
    some.filter(({ reports }) => reports > 0).length,
    some.filter(({ problems }) => problems.length > 0).length,
  ];
  return table([
    ['ending', 'processes', 'with reports', 'failed'],
    ...ends.map((end) =>
      row(
        end,
        results.filter(({ trial }) => trial.settings.end === end),
      ),
    ),
    row('all', results),
  ]);
}

function count(name, text) {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new ToolError(`--${name} must be a whole number, not '${text}'`);
  }
  return value;
}

await program(import.meta, async (args) => {
  const text = { type: 'string' };
  const { values } = parseArgs({
    args,
    options: { processes: text, 'at-once': text, node: text, seed: text, only: text },
  });
  const processes = count('processes', values.processes ?? '1000');
  const atOnce = Math.max(1, count('at-once', values['at-once'] ?? '4'));
  const seed = count('seed', values.seed ?? String(Date.now() % 1_000_000));
  const node = values.node === undefined ? process.execPath : interpreter(values.node);
  const indexes =
    values.only === undefined
      ? Array.from({ length: processes }, (_, index) => index)
      : [count('only', values.only)];
  await bootstrap();
  console.log(`${indexes.length} processes, ${atOnce} at once, --seed ${seed}, ${node}`);
  const startedMs = performance.now();
  const results = await stress({
    ...{ node, seed, indexes, atOnce },
    onResult(result) {
      if (result.problems.length > 0) console.log(describe(result));
    },
  });
  const failed = results.filter(({ problems }) => problems.length > 0).length;
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  console.log(
    `\n${tally(results)}\n\n${failed} of ${results.length} failed in ${seconds} s, --seed ${seed}`,
  );
  return failed > 0 ? 1 : 0;
});
