/**
 * `npm test`: builds and runs the test suite. `npm test -- register detect` runs the test files
 * whose names contain one of the words; `npm test -- --node 24` runs them on that release of
 * Node.js instead of the one that runs this script.
 */
import { parseArgs } from 'node:util';
import { bootstrap } from './bootstrap.mjs';
import { program } from './lib/program.mjs';
import { runSuite } from './lib/suite.mjs';
import { closingLine, failureLines } from './lib/tally.mjs';
import { interpreter } from './nodes.mjs';

await program(import.meta, async (args) => {
  const { values, positionals: filters } = parseArgs({
    args,
    allowPositionals: true,
    options: { node: { type: 'string' } },
  });
  await bootstrap();
  const node = values.node === undefined ? process.execPath : interpreter(values.node);
  const tally = await runSuite({ node, filters });
  console.log(`${failureLines(tally)}\n${closingLine(tally)}`);
  return tally.failed > 0 ? 1 : 0;
});
