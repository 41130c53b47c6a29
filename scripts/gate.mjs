/**
 * `npm run gate -- --times 20 --node 24 --busy --runner mocha`: runs the suites of known tests under the
 * test gate again and again, with each runner, and counts verdicts. With `--busy` other processes want all
 * CPUs meanwhile. The exit code is 1 when a verdict was wrong; on a machine short of CPUs it may be `unmeasured`.
 *
 * `npm run gate -- --packages --node 24` runs the suites of published packages instead, with and without
 * the gate, and lists what it says of them beside the longest turns that are found without loopwatch;
 * `--only fastify,pino` picks among them.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { bootstrap } from './bootstrap.mjs';
import { chosen, runPackage } from './gate/packages.mjs';
import { root } from './lib/paths.mjs';
import { program, ToolError } from './lib/program.mjs';
import { table } from './lib/table.mjs';
import { interpreter } from './nodes.mjs';

/** Processes that want all CPUs until they are ended. */
function keepBusy() {
  const children = Array.from({ length: availableParallelism() }, () => {
    return spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  });
  return () => {
    for (const child of children) child.kill('SIGKILL');
  };
}

function harness(name) {
  return import(pathToFileURL(join(root, 'test', 'dist', 'harness', `${name}.js`)).href);
}

/** Runs a runner's suites once. */
async function once(runner) {
  const { runTests } = await harness('test-project');
  const { judged } = await harness('gate-verdicts');
  const ends = [];
  try {
    const { ended, results, all } = await runTests({ after: (end) => ends.push(end) }, runner);
    const found = judged(results);
    const isGreen = ended.code === 0 && results.some(({ verdict }) => verdict === 'blocked');
    const wrong = isGreen ? [...found.wrong, 'the run is green'] : found.wrong;
    return { ...found, wrong, all };
  } finally {
    for (const end of ends) await end();
  }
}

async function repeat(runner, times) {
  const sum = { exact: 0, unmeasured: 0, wrong: 0 };
  for (let time = 1; time <= times; time++) {
    const { exact, unmeasured, wrong, all } = await once(runner);
    sum.exact += exact;
    sum.unmeasured += unmeasured;
    sum.wrong += wrong.length;
    if (wrong.length > 0) console.log(`${runner.name}, run ${time}: ${wrong.join('; ')}\n${all}`);
  }
  return sum;
}

const BLOCKED = ['file', 'test', 'ms', 'line', 'cause', 'longest turns without the gate, ms (CPU)'];

async function runPackages(node, subjects) {
  const { check } = await import('loopwatch/testing');
  const rows = [];
  let broken = 0;
  for (const subject of subjects) {
    const { files, without, under, text, blocked } = await runPackage(node, subject);
    const { exitCode, text: said } = check(text, { annotations: false });
    const { name, version } = subject;
    const before = new Set(without.failures);
    const more = under.failures.filter((failure) => !before.has(failure));
    console.log(`\n${name} ${version}\n${said}${more.map((failure) => `- ${failure}\n`).join('')}`);
    if (blocked.length > 0) console.log(table([BLOCKED, ...blocked]));
    const [verdicts] = said.trimEnd().split('\n').slice(-1);
    rows.push([name, version, files, without.failed, under.failed, exitCode, verdicts]);
    if (exitCode === 2) broken++;
  }
  const heading = ['package', 'version', 'files', 'failed', 'under the gate', 'check', 'tests'];
  console.log(`\n${table([heading, ...rows])}`);
  return broken > 0 ? 1 : 0;
}

async function runSamples(node, { times: text, busy, runner }) {
  const times = Number(text);
  if (!(Number.isInteger(times) && times > 0)) {
    throw new ToolError(`--times must be a whole number above 0, not '${text}'`);
  }
  // The harness reads it when it is loaded.
  process.env.LOOPWATCH_TEST_NODE = node;
  const { nodeMajor } = await harness('places');
  const { runners } = await harness('runners');
  const named = runners.filter(({ name, since = 20 }) => {
    return nodeMajor >= since && name.includes(runner);
  });
  const rows = [];
  const rest = busy ? keepBusy() : () => {};
  try {
    for (const one of named) {
      const { exact, unmeasured, wrong } = await repeat(one, times);
      rows.push([one.name, times, exact, unmeasured, wrong]);
    }
  } finally {
    rest();
  }
  console.log(table([['runner', 'runs', 'exact', 'unmeasured', 'wrong'], ...rows]));
  return rows.some((row) => row.at(-1) > 0) ? 1 : 0;
}

await program(import.meta, async (args) => {
  const { values } = parseArgs({
    args,
    options: {
      times: { type: 'string', default: '20' },
      node: { type: 'string' },
      busy: { type: 'boolean', default: false },
      runner: { type: 'string', default: '' },
      packages: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
    },
  });
  const subjects = chosen(values.only);
  await bootstrap();
  const node = values.node === undefined ? process.execPath : interpreter(values.node);
  return values.packages ? runPackages(node, subjects) : runSamples(node, values);
});
