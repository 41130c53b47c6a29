/**
 * The process that tries the cases: `runs.mjs <JSON>` with times, atOnce, backends and only, and the
 * interpreter under test in LOOPWATCH_TEST_NODE. Sends a message for each run to the process that
 * forked it.
 */
import { program, ToolError } from '../lib/program.mjs';
import { harness, Scope } from '../lib/runs.mjs';

/**
 * @typedef {object} Result
 * @property {string} name of the case
 * @property {string} backend
 * @property {boolean} isDeadly whether it must be found
 * @property {string | null} skipped why it could not be tried
 * @property {readonly string[]} problems none when it was right
 * @property {number | null} foundMs from what it died of to the report
 */

/** Each run has its own processes, so one connection shows what it is to show. */
const CONNECTIONS = 1;

const [{ deadly, living }, { skipOf, tryDeadly, tryLiving }] = await Promise.all(
  ['dead-client-cases', 'dead-client-trial'].map(harness),
);

/** @returns {Promise<Result>} */
async function run(one, backend) {
  const isDeadly = deadly.includes(one);
  const about = { name: one.name, backend, isDeadly, skipped: null, foundMs: null };
  const scope = new Scope();
  try {
    const attempt = isDeadly ? tryDeadly : tryLiving;
    return { ...about, ...(await attempt(scope, backend, CONNECTIONS, one)) };
  } catch (error) {
    return { ...about, problems: [error.message] };
  } finally {
    await scope.end();
  }
}

await program(import.meta, async ([json]) => {
  const { times, atOnce, backends, only } = JSON.parse(json);
  const cases = [...deadly, ...living].filter(
    ({ name }) => only === null || only.some((part) => name.includes(part)),
  );
  if (cases.length === 0) throw new ToolError(`no case's name has '${only.join("' or '")}' in it`);
  const left = [];
  for (const one of cases) {
    const skipped = skipOf(one) || null;
    for (const backend of backends) {
      if (skipped === null) left.push(...Array.from({ length: times }, () => [one, backend]));
      else process.send({ name: one.name, backend, isDeadly: true, skipped, problems: [] });
    }
  }
  async function work() {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      process.send(await run(...next));
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work));
});
