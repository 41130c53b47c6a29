/**
 * `npm run test:matrix`: runs the tests under each supported release of Node.js in turn, fetching the
 * interpreters first: on the current long-term release all of them, on the others those that depend on
 * the release. `--only 22,24` or `--except 20` picks among the releases, `--all` leaves no test out;
 * `--rest 20` leaves out on that release what `npm test` runs. Closes with a table and one count line for
 * each release.
 */
import { parseArgs } from 'node:util';
import { bootstrap } from './bootstrap.mjs';
import { program, ToolError } from './lib/program.mjs';
import { table } from './lib/table.mjs';
import { interpreter } from './nodes.mjs';
import { runSuite } from './suite/suite.mjs';
import { closingLine, failureLines } from './suite/tally.mjs';

/** The release lines that loopwatch supports: package.json's `engines` says from where. */
const supported = ['20', '22', '24', '26'];

/** The release on which the files run that need only one: the current long-term release. */
const WHOLE = '24';

await program(import.meta, async (args) => {
  const { majors, kindOf } = chosen(args);
  await bootstrap();
  const interpreters = majors.map((major) => ({ major, node: interpreter(major) }));
  const results = [];
  for (const { major, node } of interpreters) {
    console.log(`\nNode.js ${major}`);
    results.push({ major, ...(await resultOn(node, kindOf(major))) });
  }
  const rows = results.map(({ major, tally, seconds, note }) => {
    return [major, tally.passed, tally.failed, tally.skipped, seconds, note];
  });
  console.log(`\n${table([['node', 'passed', 'failed', 'skipped', 'seconds', ''], ...rows])}\n`);
  for (const { major, tally } of results) {
    console.log(`${failureLines(tally)}node${major}: ${closingLine(tally)}`);
  }
  return results.some(({ tally }) => tally.failed > 0) ? 1 : 0;
});

/** A run that couldn't be counted is one failure, and the other releases still get their turn. */
async function resultOn(node, kind) {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  try {
    const tally = await runSuite({ node, kind });
    return { tally, seconds: seconds(), note: '' };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const tally = { passed: 0, failed: 1, skipped: 0 };
    return { tally, seconds: seconds(), note: error.message };
  }
}

function chosen(args) {
  const option = { type: 'string' };
  const all = { type: 'boolean', default: false };
  const options = { only: option, except: option, rest: option, all };
  const { values } = parseArgs({ args, options });
  const only = values.only?.split(',') ?? supported;
  const except = values.except?.split(',') ?? [];
  const named = [...only, ...except, ...(values.rest === undefined ? [] : [values.rest])];
  const unknown = named.filter((major) => !supported.includes(major));
  if (unknown.length > 0) {
    throw new ToolError(`not supported: ${unknown.join(', ')}; supported: ${supported.join(', ')}`);
  }
  const majors = only.filter((major) => !except.includes(major));
  if (majors.length === 0) throw new ToolError('no release of Node.js is left to test');
  const kindOf = (major) => {
    const isWhole = values.all || major === WHOLE;
    if (major === values.rest) return isWhole ? 'restOfAll' : 'rest';
    return isWhole ? 'all' : 'release';
  };
  return { majors, kindOf };
}
