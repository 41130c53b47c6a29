/**
 * The process that runs the corpus: `runs.mjs <times> [scenario...]`, with the interpreter under test
 * in LOOPWATCH_TEST_NODE. Sends a message for each run to the process that forked it.
 */
import { program, ToolError } from '../lib/program.mjs';
import { harness, Scope } from '../lib/runs.mjs';

/**
 * @typedef {object} Result
 * @property {string} scenario
 * @property {boolean} blocks
 * @property {{ what: 'missed' | 'false' | 'wrong', text: string }[]} findings none when it was right
 * @property {'exact' | 'labelled' | 'wrong' | null} rightness of the culprit; null without a record
 * @property {number | null} errorMs of the duration
 * @property {number} disturbed runs that were not used
 * @property {string} output what the program said, if anything was wrong
 */

/** Scenarios that hardly use a CPU do not disturb each other. */
const SLEEPING_AT_ONCE = 2;

/** @returns {Promise<Result>} */
async function run(scenario, { attempt, verdict }) {
  const about = { scenario: scenario.name, blocks: scenario.block !== undefined };
  const scope = new Scope();
  try {
    const outcome = await attempt(scope, scenario);
    const said = verdict(scenario, outcome);
    const { stdout, stderr } = outcome.ended;
    const output = said.findings.length === 0 ? '' : `${stdout}${stderr}`;
    return { ...about, ...said, disturbed: outcome.disturbed, output };
  } catch (error) {
    const findings = [{ what: 'wrong', text: error.message }];
    return { ...about, findings, rightness: null, errorMs: null, disturbed: 0, output: '' };
  } finally {
    await scope.end();
  }
}

function pick(scenarios, names) {
  const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0) {
    const known = scenarios.map(({ name }) => name).join(', ');
    throw new ToolError(`no such scenario: ${unknown.join(', ')}; there are ${known}`);
  }
  return names.length === 0 ? scenarios : scenarios.filter(({ name }) => names.includes(name));
}

await program(import.meta, async ([times, ...names]) => {
  const [{ scenarios }, { attempt }, { verdict }] = await Promise.all(
    ['corpus', 'attempt', 'judge'].map(harness),
  );
  for (const scenario of pick(scenarios, names)) {
    let left = Number(times);
    const work = async () => {
      while (left-- > 0) process.send(await run(scenario, { attempt, verdict }));
    };
    const workers = Array.from({ length: scenario.sleeps ? SLEEPING_AT_ONCE : 1 }, work);
    await Promise.all(workers);
  }
});
