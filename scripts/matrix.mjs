/**
 * `npm run test:matrix`: runs the whole test suite under each supported release of Node.js in turn,
 * fetching the interpreters first. `--only 22,24` or `--except 20` picks among them, `--all` leaves
 * nothing out. Closes with a table and one count line for each release.
 */
import { parseArgs } from 'node:util';
import { bootstrap } from './bootstrap.mjs';
import { program, ToolError } from './lib/program.mjs';
import { runSuite } from './lib/suite.mjs';
import { table } from './lib/table.mjs';
import { closingLine, failureLines } from './lib/tally.mjs';
import { interpreter } from './nodes.mjs';

/** The release lines that loopwatch supports: package.json's `engines` says from where. */
const supported = ['20', '22', '24', '26'];

/**
 * Test files about what other people's packages and the kernel do, which takes long and hardly depends
 * on the release: they run on the oldest and on the current long-term release only.
 */
const elsewhere = {
  releases: ['20', '24'],
  files: [
    ...['sentry-sdk', 'sentry-direct', 'http-frameworks', 'dead-client', 'source-maps', 'gate'],
    ...['load', 'log-transport', 'dashboards', 'report', 'profiler', 'pictures'],
  ],
};

await program(import.meta, async (args) => {
  const { majors, all } = chosen(args);
  await bootstrap();
  const interpreters = majors.map((major) => ({ major, node: interpreter(major) }));
  const results = [];
  for (const { major, node } of interpreters) {
    console.log(`\nNode.js ${major}`);
    results.push({ major, ...(await resultOn(node, all ? [] : leftOut(major))) });
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

function leftOut(major) {
  return elsewhere.releases.includes(major) ? [] : elsewhere.files;
}

/** A run that couldn't be counted is one failure, and the other releases still get their turn. */
async function resultOn(node, except) {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  try {
    const tally = await runSuite({ node, except });
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
  const { values } = parseArgs({ args, options: { only: option, except: option, all } });
  const only = values.only?.split(',') ?? supported;
  const except = values.except?.split(',') ?? [];
  const unknown = [...only, ...except].filter((major) => !supported.includes(major));
  if (unknown.length > 0) {
    throw new ToolError(`not supported: ${unknown.join(', ')}; supported: ${supported.join(', ')}`);
  }
  const majors = only.filter((major) => !except.includes(major));
  if (majors.length === 0) throw new ToolError('no release of Node.js is left to test');
  return { majors, all: values.all };
}
