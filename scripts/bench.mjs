/**
 * `npm run bench`: measures what loopwatch costs, each time against the same thing without it, and
 * prints a table for each benchmark. `--only preload,memory` picks among them, `--node 20,24` the
 * releases of Node.js, `--runs N` how often each variant is measured (default: by benchmark),
 * `--seconds N` how long an idle process is (default: by benchmark). `--write` puts the tables into docs/benchmarks.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchmarks } from './bench/benchmarks.mjs';
import { resultSection, withSection } from './bench/document.mjs';
import { describeMachine } from './bench/machine.mjs';
import { createProject } from './bench/project.mjs';
import { bootstrap } from './bootstrap.mjs';
import { must } from './lib/command.mjs';
import { root } from './lib/paths.mjs';
import { program, ToolError } from './lib/program.mjs';
import { table } from './lib/table.mjs';
import { interpreter } from './nodes.mjs';

const documentFile = join(root, 'docs', 'benchmarks.md');

/** The oldest that is supported, and the first on which AsyncLocalStorage is cheap. */
const defaultNodes = '20,24';

await program(import.meta, async (args) => {
  const { only, node, runs, seconds, write } = parsed(args);
  await bootstrap();
  const nodes = node
    .split(',')
    .map((major) => ({ major: Number(major), node: interpreter(major) }));
  const versions = await Promise.all(nodes.map(({ node }) => must(node, ['--version'])));
  const conditions = {
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    nodes: versions.map((version) => version.trim().replace('v', '')),
  };
  console.log(`Node.js ${conditions.nodes.join(', ')}, ${conditions.machine}`);
  const project = createProject();
  // However this ends: the measured programs end with us, or by themselves within seconds.
  process.once('exit', project.remove);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  for (const benchmark of only) {
    const chosen = { runs: runs ?? benchmark.runs, seconds: seconds ?? benchmark.seconds };
    const command = commandFor(benchmark, node, chosen);
    console.log(`\n${command}`);
    const rows = [['Node.js', ...benchmark.heading]];
    for (const each of nodes) {
      const measured = await benchmark.measure({ ...each, ...chosen, project });
      for (const row of measured) rows.push([each.major, ...row]);
    }
    console.log(table(rows));
    if (write) record(benchmark.name, resultSection(rows, { ...conditions, command }));
  }
});

function parsed(args) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string' },
      node: { type: 'string', default: defaultNodes },
      runs: { type: 'string' },
      seconds: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const { node, write } = values;
  return {
    only: picked(values.only),
    node,
    runs: positive('--runs', values.runs),
    seconds: positive('--seconds', values.seconds),
    write,
  };
}

/** Undefined where the option is not given. */
function positive(option, text) {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text))
    throw new ToolError(`${option} is a number such as 20, not '${text}'`);
  return Number(text);
}

function picked(only) {
  if (only === undefined) return benchmarks;
  const names = only.split(',');
  const known = benchmarks.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new ToolError(`no such benchmark: ${unknown.join(', ')}; there are ${known.join(', ')}`);
  }
  return benchmarks.filter(({ name }) => names.includes(name));
}

/** With everything spelled out, so that it measures the same when defaults have changed. */
function commandFor({ name, seconds: isTimed }, node, { runs, seconds }) {
  const duration = isTimed === undefined ? '' : ` --seconds ${seconds}`;
  return `npm run bench -- --only ${name} --node ${node} --runs ${runs}${duration}`;
}

function record(name, section) {
  writeFileSync(documentFile, withSection(readFileSync(documentFile, 'utf8'), name, section));
}
