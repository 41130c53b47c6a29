/** Reports of `loopwatch report`, drawn from the log of a program that has blocked, and seen in a browser. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { blocking } from './block.js';
import { Browser, chromium, type Page } from './browser.js';
import { cli } from './cli.js';
import { type Scope, temporaryFolder } from './folder.js';
import { run } from './run.js';

/** The log of a program that blocks for some 400 ms, and takes no CPU: no busy machine changes what it is. */
export async function logOfBlock(scope: Scope): Promise<string> {
  const log = join(temporaryFolder(scope), 'blocks.ndjson');
  const { code } = await run(scope, blocking({ kind: 'wait', ms: 400 }), {
    env: { LOOPWATCH_LOG: log },
  });
  assert.equal(code, 0);
  return log;
}

/** A log line that is changed by `change`. */
// biome-ignore lint/suspicious/noExplicitAny: made wrong on purpose
export function lineLike(log: string, change: (block: any, line: any) => void): string {
  const text = readFileSync(log, 'utf8')
    .split('\n')
    .find((one) => one.includes('"block"'));
  const line = JSON.parse(text as string);
  change(line.block, line);
  return `${JSON.stringify(line)}\n`;
}

/** A report in a browser. */
export async function opened(scope: Scope, lines: string): Promise<Page> {
  const folder = temporaryFolder(scope);
  const [log, file] = [join(folder, 'log.ndjson'), join(folder, 'out.html')];
  writeFileSync(log, lines);
  const { code, stderr } = await cli(scope, ['report', log, '-o', file], { deadlineMs: 60_000 });
  assert.equal(code, 0, stderr);
  const browser = new Browser(chromium as string);
  scope.after(() => browser.close());
  const page = await browser.page({ width: 1000, height: 800 });
  await page.open(pathToFileURL(file).href);
  return page;
}
