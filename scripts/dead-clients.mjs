/**
 * `npm run dead-clients`: tries every case of dead and living clients (test/harness/dead-client-cases.ts)
 * again and again with real processes, and counts how often it was right. `--node 20,24` picks the
 * releases of Node.js, `--backend koffi,proc` how the kernel is asked, `--times 10` how often each
 * case is tried, `--at-once 8` how many at a time, `--only blocked,ws` the cases whose names have one
 * of these in them. `--write` puts the table into docs/dead-clients.md. The exit code is 1 unless
 * everything was right.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resultSection, withSection } from './bench/document.mjs';
import { describeMachine } from './bench/machine.mjs';
import { bootstrap } from './bootstrap.mjs';
import { must } from './lib/command.mjs';
import { root } from './lib/paths.mjs';
import { program, ToolError } from './lib/program.mjs';
import { forkedRuns } from './lib/runs.mjs';
import { table } from './lib/table.mjs';
import { interpreter } from './nodes.mjs';

const documentFile = join(root, 'docs', 'dead-clients.md');

const known = ['koffi', 'proc'];

function positive(name, text) {
  if (!/^[1-9]\d*$/.test(text)) throw new ToolError(`--${name} is a number, not '${text}'`);
  return Number(text);
}

function parsed(args) {
  const { values } = parseArgs({
    args,
    options: {
      node: { type: 'string', default: '20,24' },
      backend: { type: 'string', default: known.join(',') },
      times: { type: 'string', default: '10' },
      'at-once': { type: 'string', default: '8' },
      only: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const backends = values.backend.split(',');
  const unknown = backends.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new ToolError(`no such backend: ${unknown.join(', ')}`);
  return {
    ...values,
    backends,
    times: positive('times', values.times),
    atOnce: positive('at-once', values['at-once']),
    only: values.only?.split(',') ?? null,
  };
}

/** 'right of tried', and how long the last took to be found. */
function cell(runs) {
  const tried = runs.filter(({ skipped }) => skipped === null);
  if (tried.length === 0) return 'not possible here';
  const right = tried.filter(({ problems }) => problems.length === 0).length;
  const found = tried.flatMap(({ foundMs }) => foundMs ?? []);
  const slowest = found.length === 0 ? '' : `, ≤ ${(Math.max(...found) / 1000).toFixed(1)} s`;
  return `${right} of ${tried.length}${slowest}`;
}

/** One row for each case, one column for each release and backend. */
function rowsOf(results, majors, backends) {
  const columns = majors.flatMap((major) => backends.map((backend) => ({ major, backend })));
  const names = [...new Set(results.map(({ name }) => name))];
  return [
    ['client', 'must be', ...columns.map(({ major, backend }) => `Node.js ${major}, ${backend}`)],
    ...names.map((name) => {
      const runs = results.filter((result) => result.name === name);
      const cells = columns.map(({ major, backend }) =>
        cell(runs.filter((run) => run.major === major && run.backend === backend)),
      );
      return [name, runs[0].isDeadly ? 'found' : 'left alone', ...cells];
    }),
  ];
}

function show({ name, backend, problems, skipped }) {
  if (skipped !== null) console.log(`${name}, ${backend}: not tried, ${skipped}`);
  for (const problem of problems) console.log(`${name}, ${backend}: ${problem}`);
}

await program(import.meta, async (args) => {
  const { node, backends, backend, times, atOnce, only, write } = parsed(args);
  const majors = node.split(',');
  const paths = majors.map((major) => interpreter(major));
  await bootstrap();
  const versions = await Promise.all(paths.map((path) => must(path, ['--version'])));
  const machine = describeMachine();
  const module = new URL('dead-clients/runs.mjs', import.meta.url);
  const settings = JSON.stringify({ times, atOnce, backends, only });
  const results = [];
  for (const [index, major] of majors.entries()) {
    console.log(`Node.js ${major}, each case ${times} times`);
    const runs = await forkedRuns({
      ...{ module, args: [settings], node: paths[index], onResult: show },
    });
    results.push(...runs.map((run) => ({ ...run, major })));
  }
  const rows = rowsOf(results, majors, backends);
  const wrong = results.filter(({ problems }) => problems.length > 0).length;
  console.log(`\n${table(rows)}\n\n${wrong} of ${results.length} runs were not right`);
  if (write) {
    const picked = only === null ? '' : ` --only ${only.join(',')}`;
    const conditions = {
      date: new Date().toISOString().slice(0, 10),
      machine,
      nodes: versions.map((version) => version.trim().replace('v', '')),
      command: `npm run dead-clients -- --node ${node} --backend ${backend} --times ${times}${picked}`,
    };
    const text = readFileSync(documentFile, 'utf8');
    writeFileSync(documentFile, withSection(text, 'cases', resultSection(rows, conditions)));
  }
  return wrong > 0 ? 1 : 0;
});
