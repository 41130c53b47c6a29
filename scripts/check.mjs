/**
 * `npm run check`: runs every check that is not a test, shows the output of those that fail, and
 * closes with a table of all.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build, install } from './bootstrap.mjs';
import { command, tool } from './lib/command.mjs';
import { root } from './lib/paths.mjs';
import { program, ToolError } from './lib/program.mjs';
import { table } from './lib/table.mjs';

/** In this order: the later ones look at what the build made. */
const checks = [
  { name: 'layout', run: () => script('layout.mjs') },
  {
    name: 'format and lint',
    run: () => command(tool('biome'), ['ci', '--error-on-warnings', '--colors=off']),
  },
  { name: 'types', run: built },
  { name: 'imports', run: () => script('imports.mjs') },
  { name: 'unused code', run: () => command(tool('knip'), ['--no-progress']) },
  { name: 'packages', run: () => script('pack.mjs') },
  {
    name: 'docs and links',
    needs: 'scripts/docs.mjs',
    run: () => script('docs.mjs', '--check'),
  },
];

function script(name, ...args) {
  return command(process.execPath, [join(root, 'scripts', name), ...args]);
}

async function built() {
  try {
    await build();
    return { ok: true, output: '' };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { ok: false, output: error.message };
  }
}

/** @returns {Promise<{ name: string, result: string, seconds: string }>} */
async function carryOut({ name, run, needs }) {
  if (needs !== undefined && !existsSync(join(root, needs))) {
    return { name, result: `skipped: no ${needs}`, seconds: '' };
  }
  const started = performance.now();
  const { ok, output } = await run();
  if (!ok) console.log(`\n--- ${name}\n${output.trim()}`);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  return { name, result: ok ? 'ok' : 'FAILED', seconds };
}

await program(import.meta, async () => {
  await install();
  const results = [];
  for (const check of checks) results.push(await carryOut(check));
  const rows = results.map(({ name, result, seconds }) => [name, result, seconds]);
  console.log(`\n${table([['check', 'result', 'seconds'], ...rows])}`);
  return results.some(({ result }) => result === 'FAILED') ? 1 : 0;
});
