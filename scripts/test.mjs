/**
 * `npm test`: builds and runs the tests that a working day needs. `npm run test:all` is the same with
 * `--all`: every test, on one release of Node.js. `npm test -- register detect` runs the test files, of
 * all there are, whose names contain one of the words; `--node 24` runs them on that release instead of
 * the one that runs this script; `--write-durations` writes the table by which the long files start first.
 */
import { parseArgs } from 'node:util';
import { bootstrap } from './bootstrap.mjs';
import { program } from './lib/program.mjs';
import { interpreter } from './nodes.mjs';
import { runSuite } from './suite/suite.mjs';
import { duration } from './suite/summary.mjs';
import { closingLine, failureLines } from './suite/tally.mjs';

await program(import.meta, async (args) => {
  const { values, positionals: filters } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      node: { type: 'string' },
      all: { type: 'boolean', default: false },
      'write-durations': { type: 'boolean', default: false },
    },
  });
  await bootstrap();
  const builtSeconds = performance.now() / 1000;
  const node = values.node === undefined ? process.execPath : interpreter(values.node);
  const kind = values.all || filters.length > 0 ? 'all' : 'test';
  const tally = await runSuite({ node, kind, filters, writes: values['write-durations'] });
  const seconds = performance.now() / 1000;
  console.log(
    `${duration(seconds)} in all, ${duration(builtSeconds)} of them to install and build`,
  );
  console.log(`${failureLines(tally)}\n${closingLine(tally)}`);
  return tally.failed > 0 ? 1 : 0;
});
