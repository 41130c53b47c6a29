/** Runs a file of tests in a runner of its own, as npm does: `node starts-tests.mjs FILE`. */
import { spawnSync } from 'node:child_process';

const { status, stdout } = spawnSync(process.execPath, ['--test', process.argv[2]], {
  encoding: 'utf8',
});
console.log(stdout);
process.exitCode = status ?? 1;
