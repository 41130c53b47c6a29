/**
 * `npm run load -- --processes 8 --blocks 2000 --node 24`: processes that block their event loops at
 * random moments and die in every way, while the ingest is slow, down, limiting, refusing, broken or
 * hanging up by turns. What one leaves in the journal the next one delivers. At the end every block
 * must have been logged and received, once. The exit code is 1 on any difference.
 *
 * `--seed` repeats a plan, `--at-once` is 4, `--keep` keeps logs, ledgers and journal.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { bootstrap } from './bootstrap.mjs';
import { root } from './lib/paths.mjs';
import { program, ToolError } from './lib/program.mjs';
import { table } from './lib/table.mjs';
import { interpreter } from './nodes.mjs';

function count(name, text) {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new ToolError(`--${name} must be a whole number, not '${text}'`);
  }
  return value;
}

/** How often the ingest gave each answer, in each mood. */
function answers(arrivals) {
  const counts = new Map();
  for (const { mood, status, accepted } of arrivals) {
    const said = status ?? (accepted ? 'reset, but kept' : 'reset');
    const key = `${mood}: ${said}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a.localeCompare(b));
}

function shown({ counts, arrivals, lives, mostLeft }) {
  const twice = ({ documented, failed }) => `${documented} documented, ${failed} not`;
  return table([
    ['what', 'count'],
    ['processes', lives],
    ['blocks planned', counts.planned],
    ['blocks begun', counts.begun],
    ['blocks ended', counts.ended],
    ['blocks that had to be found', counts.certain],
    ['blocks found', counts.found],
    ['  without a culprit', counts.unnamed],
    ['dismissed: starved, suspended', counts.dismissed],
    ['hangs, told while they lasted', counts.hangs],
    ['cut short by the end', counts.cutShort],
    ['cut short, and found', counts.cutShortFound],
    ['reports', counts.reports],
    ['logged', counts.logged],
    ['received (200)', counts.accepted],
    ['delivered by a successor', counts.inherited],
    ['logged twice', twice(counts.loggedTwice)],
    ['received twice', twice(counts.acceptedTwice)],
    ['lost', counts.lost],
    ['most files in the journal', mostLeft],
    ['left in the journal', counts.left],
    ...answers(arrivals).map(([name, times]) => [`  ${name}`, times]),
  ]);
}

await program(import.meta, async (args) => {
  const text = { type: 'string' };
  const { values } = parseArgs({
    args,
    options: {
      ...{ processes: text, blocks: text, 'at-once': text, node: text, seed: text },
      keep: { type: 'boolean', default: false },
    },
  });
  const lanes = Math.max(1, count('processes', values.processes ?? '8'));
  const blocks = count('blocks', values.blocks ?? '2000');
  const atOnce = Math.max(1, count('at-once', values['at-once'] ?? '4'));
  const seed = count('seed', values.seed ?? String(Date.now() % 1_000_000));
  await bootstrap();
  // The harness reads it when it is loaded.
  const node = values.node === undefined ? process.execPath : interpreter(values.node);
  process.env.LOOPWATCH_TEST_NODE = node;
  const harness = pathToFileURL(join(root, 'test', 'dist', 'load', 'run.js'));
  const { load } = await import(harness.href);
  console.log(`${blocks} blocks, ${lanes} processes, ${atOnce} at once, --seed ${seed}, ${node}`);
  const onProgress = (line) => process.stderr.isTTY && process.stderr.write(`\r${line}\x1b[K`);
  const result = await load({ lanes, blocks, atOnce, seed, onProgress, keep: values.keep });
  const { problems, seconds, folder } = result;
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  console.log(`\n${shown(result)}\n`);
  for (const problem of problems) console.log(problem);
  if (folder !== null) console.log(`kept in ${folder}`);
  console.log(`${problems.length} differences in ${seconds} s, --seed ${seed}`);
  return problems.length > 0 ? 1 : 0;
});
