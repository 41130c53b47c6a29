/**
 * The first screen of the README: its command prints the report that it shows.
 *
 * @machine quiet
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from './harness/folder.js';
import { packageFolder } from './harness/places.js';
import { unwatched } from './harness/preload.js';
import { run } from './harness/run.js';

const README = readFileSync(join(packageFolder, '../../README.md'), 'utf8');

/** The code block that follows a marker. */
function example(name: string): string {
  const [, text] =
    new RegExp(`<!-- example: ${name} -->\n\`\`\`\\w*\n([^]*?)\`\`\``).exec(README) ?? [];
  assert.ok(text, `README has no example ${name}`);
  return text;
}

/** The first screen's command that starts a program. */
function startCommand(): string[] {
  const [command] = /^node .*$/m.exec(README) ?? [];
  assert.ok(command, 'README starts no program');
  return command.split(' ').slice(1);
}

/** What differs from run to run. */
function withoutRun(report: string): string {
  return report
    .replace(/blocked \d+ ms/, 'blocked N ms')
    .replace(/\d+ samples, started \S+, id \w+/, 'N samples, started T, id I');
}

test("README's first screen does what it says", async (context) => {
  const shop = join(temporaryFolder(context), 'shop');
  mkdirSync(join(shop, 'node_modules'), { recursive: true });
  symlinkSync(packageFolder, join(shop, 'node_modules', 'loopwatch'));
  writeFileSync(join(shop, 'app.mjs'), example('app.mjs'));
  const env = { LOOPWATCH_LOG_FORMAT: 'pretty' };
  const ended = await run(context, startCommand(), { preload: unwatched, cwd: shop, env });
  assert.equal(ended.code, 0);
  assert.equal(withoutRun(ended.stderr), withoutRun(example('report')));
});
