/**
 * `npm run soak -- --seconds 60 --per-second 200 --node 24`: one process that blocks its event loop that
 * often, for 3 to 4 ms each (`--ms 3`), and reports every single one to a log file and to Sentry. Counts blocks,
 * records, log lines and events, and looks at memory and lateness. The exit code is 1 when anything is
 * lost or comes twice, or when memory keeps growing.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { bootstrap } from './bootstrap.mjs';
import { root } from './lib/paths.mjs';
import { program, ToolError } from './lib/program.mjs';
import { table } from './lib/table.mjs';
import { interpreter } from './nodes.mjs';

function positive(name, text) {
  if (!/^[1-9]\d*$/.test(text)) {
    throw new ToolError(`--${name} must be a whole number above 0, not '${text}'`);
  }
  return Number(text);
}

const spread = ({ p50, p95, most }) =>
  `median ${p50.toFixed(1)}, 95% ${p95.toFixed(1)}, most ${most.toFixed(1)}`;

function shown(result) {
  const unconfirmed = Object.entries(result.unconfirmed).filter(([, count]) => count > 0);
  const mb = result.rssMb.map((value) => value.toFixed(1)).join(', ');
  return table([
    ['what', 'result'],
    ['blocks injected', result.injected],
    ['  a second', result.perSecond.toFixed(1)],
    ['blocks without a record', result.unseen],
    ['records (onBlock)', result.records],
    ['log lines', result.logged],
    ['events received', result.received],
    ['came again', result.repeated],
    ['left in the journal', result.left],
    ['late beats, no blocks', unconfirmed.map((entry) => entry.join(': ')).join(', ') || 0],
    ['durations off by, ms', spread(result.errorMs)],
    ['until a listener knew, ms', spread(result.verdictMs)],
    ['until the log line, ms', spread(result.lineMs)],
    ['until all was delivered, ms', Math.round(result.drainMs)],
    ['resident MB, by thirds', mb],
    ...result.threads.map(({ name, share }) => [`CPU of ${name}`, `${(share * 100).toFixed(0)}%`]),
  ]);
}

await program(import.meta, async (args) => {
  const text = { type: 'string' };
  const { values } = parseArgs({
    args,
    options: { seconds: text, 'per-second': text, ms: text, node: text },
  });
  const seconds = positive('seconds', values.seconds ?? '60');
  const perSecond = positive('per-second', values['per-second'] ?? '200');
  const ms = positive('ms', values.ms ?? '3');
  await bootstrap();
  // The harness reads it when it is loaded.
  const node = values.node === undefined ? process.execPath : interpreter(values.node);
  process.env.LOOPWATCH_TEST_NODE = node;
  const built = (name) => import(pathToFileURL(join(root, 'test', 'dist', 'load', name)).href);
  const [{ soak }, { Ends }] = [await built('soak.js'), await built('ends.js')];
  console.log(`${perSecond} blocks a second of ${ms} ms or more for ${seconds} s, ${node}`);
  const ends = new Ends();
  const onProgress = (line) => process.stderr.isTTY && process.stderr.write(`\r${line}\x1b[K`);
  try {
    const result = await soak(ends, { seconds, perSecond, ms, onProgress });
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    console.log(`\n${shown(result)}\n`);
    for (const problem of result.problems) console.log(problem);
    console.log(`${result.problems.length} problems`);
    return result.problems.length > 0 ? 1 : 0;
  } finally {
    await ends.end();
  }
});
