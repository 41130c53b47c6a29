/**
 * `npm run accuracy`: runs every scenario of the corpus (test/harness/corpus.ts) again and again, and
 * counts how often the report was right, missing or wrong. `--node 20,24` picks the releases of
 * Node.js, `--times 20` how often each scenario is run, `--only gc,redos` which ones. `--write` puts
 * the table into docs/accuracy.md. The exit code is 1 unless everything was right.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { countRow, heading } from './accuracy/count.mjs';
import { runCorpus } from './accuracy/process.mjs';
import { markdownTable } from './bench/document.mjs';
import { describeMachine } from './bench/machine.mjs';
import { bootstrap } from './bootstrap.mjs';
import { must } from './lib/command.mjs';
import { root } from './lib/paths.mjs';
import { program, ToolError } from './lib/program.mjs';
import { table } from './lib/table.mjs';
import { interpreter } from './nodes.mjs';

const documentFile = join(root, 'docs', 'accuracy.md');
const [open, close] = ['<!-- accuracy:start -->', '<!-- accuracy:end -->'];

function parsed(args) {
  const { values } = parseArgs({
    args,
    options: {
      node: { type: 'string', default: '20,24' },
      times: { type: 'string', default: '20' },
      only: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  if (!/^[1-9]\d*$/.test(values.times)) {
    throw new ToolError(`--times is a number such as 20, not '${values.times}'`);
  }
  return { ...values, times: Number(values.times), only: values.only?.split(',') };
}

function show({ scenario, findings, output }) {
  if (findings.length === 0) return;
  const texts = findings.map(({ what, text }) => `  ${what}: ${text}`);
  console.log(`${scenario}\n${texts.join('\n')}\n${output}`);
}

/** The file's text with everything between the markers replaced. */
function withResults(text, results) {
  const [before, inside, ...others] = text.split(open);
  const after = inside?.split(close) ?? [];
  if (others.length > 0 || after.length !== 2) {
    throw new ToolError(`expected exactly one ${open} with a ${close} after it`);
  }
  return `${before}${open}\n\n${results}\n\n${close}${after[1]}`;
}

await program(import.meta, async (args) => {
  const { node, times, only, write } = parsed(args);
  const interpreters = node.split(',').map((major) => ({ major, path: interpreter(major) }));
  await bootstrap();
  const versions = await Promise.all(interpreters.map(({ path }) => must(path, ['--version'])));
  const rows = [['Node.js', ...heading]];
  let wrong = 0;
  for (const { major, path } of interpreters) {
    console.log(`Node.js ${major}, each scenario ${times} times`);
    const results = await runCorpus({ node: path, times, only, onResult: show });
    for (const name of new Set(results.map(({ scenario }) => scenario))) {
      const runs = results.filter(({ scenario }) => scenario === name);
      rows.push([major, ...countRow(runs)]);
    }
    wrong += results.filter(({ findings }) => findings.length > 0).length;
  }
  console.log(`\n${table(rows)}\n\n${wrong} runs were not right`);
  if (write) {
    const picked = only === undefined ? '' : ` --only ${only.join(',')}`;
    const command = `npm run accuracy -- --node ${node} --times ${times}${picked}`;
    const named = versions.map((version) => version.trim().replace('v', '')).join(', ');
    const date = new Date().toISOString().slice(0, 10);
    const conditions = `${date}, Node.js ${named}, ${describeMachine()}.`;
    const results = [`\`${command}\``, markdownTable(rows), conditions].join('\n\n');
    writeFileSync(documentFile, withResults(readFileSync(documentFile, 'utf8'), results));
  }
  return wrong > 0 ? 1 : 0;
});
