/**
 * `loopwatch report`: what it reads, what it writes, how it ends, and what a browser makes of it.
 *
 * @machine waiting
 * @run one-release
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { blocking } from './harness/block.js';
import { chromium } from './harness/browser.js';
import { cli, startCli } from './harness/cli.js';
import { type Scope, temporaryFolder } from './harness/folder.js';
import { logOfBlock, opened } from './harness/report-page.js';
import { run } from './harness/run.js';

/** What is there until the tests of this file have ended. */
const endings: Parameters<Scope['after']>[0][] = [];
const wholeFile: Scope = { after: (end) => void endings.push(end) };
after(async () => {
  for (const end of endings) await end();
});

let log: string;

before(async () => {
  log = await logOfBlock(wholeFile);
});

describe('report', { concurrency: 4 }, () => {
  test('draws a log into one file that loads nothing', async (t) => {
    const file = join(temporaryFolder(t), 'out.html');
    const ended = await cli(t, ['report', log, '-o', file]);
    assert.deepEqual([ended.code, ended.stdout], [0, '']);
    assert.match(
      ended.stderr,
      /^loopwatch: 1 block, .* in all, the longest .*; written to .*out.html\n$/,
    );
    const html = readFileSync(file, 'utf8');
    assert.match(html, /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; /);
    assert.doesNotMatch(html, /<(?:link|img|iframe|script)[^>]*(?:src|href)=/);
    assert.equal(readFileSync(log, 'utf8').includes(`"msg"`), true, 'the log is as it was');
  });

  test('reads standard input, folders, and the journal of a killed process', async (t) => {
    const piped = startCli(t, ['report', '-', '--json']);
    piped.tell(readFileSync(log, 'utf8').trim());
    const { stdout } = await piped.endInput();
    assert.deepEqual(JSON.parse(stdout).counts.blocks, 1);

    const killed = await run(t, blocking({ kind: 'wait', ms: 1500, end: 'sigterm' }), {
      env: { LOOPWATCH_LOG: 'off', LOOPWATCH_HANG_MS: '100000' },
      deadlineMs: 20_000,
    });
    const folder = killed.journalDir;
    writeFileSync(join(folder, 'app.log'), `something\n${readFileSync(log, 'utf8')}`);
    const before = readdirSync(folder);
    const ended = await cli(t, ['report', folder, '--json']);
    assert.ok(JSON.parse(ended.stdout).counts.blocks >= 1);
    assert.deepEqual(readdirSync(folder), before, 'nothing is changed there');
  });

  test('--fail-on, for continuous integration', async (t) => {
    const endsWith = async (code: number, ...args: string[]) =>
      assert.equal((await cli(t, ['report', log, '--json', ...args])).code, code, args.join(' '));
    await Promise.all([
      endsWith(0, '--fail-on', 'hangs,10s'),
      endsWith(1, '--fail-on', 'blocks'),
      endsWith(1, '--fail-on', 'hangs', '--fail-on', '300ms'),
      endsWith(2, '--fail-on', 'nonsense'),
    ]);
    const missing = await cli(t, ['report', '/no/such/log']);
    assert.deepEqual(
      [missing.code, missing.stderr],
      [2, "loopwatch: /no/such/log can't be read: it is not there\n"],
    );
    const nowhere = await cli(t, ['report', log, '-o', '/no/such/folder/out.html']);
    assert.deepEqual([nowhere.code, /can't be written/.test(nowhere.stderr)], [2, true]);
  });

  test('stacks for other tools', async (t) => {
    const folded = await cli(t, ['report', log, '-f', 'folded', '-o', '-']);
    assert.match(folded.stdout, /^(?:.+ \d+\n)+$/);
    const speedscope = await cli(t, ['report', log, '-f', 'speedscope', '-o', '-']);
    assert.match(JSON.parse(speedscope.stdout).$schema, /speedscope/);
  });
});

const skip = chromium === null && 'there is no chromium here';

describe('the report in a browser', { skip }, () => {
  test('is drawn, and can be used with keys alone', async (t) => {
    const page = await opened(t, readFileSync(log, 'utf8'));
    await page.becomes('/blocked 1 time/.test(document.querySelector("h1").innerText)');
    await page.evaluate('document.querySelector(".timeline > svg").focus()');
    await page.press('ArrowRight');
    await page.becomes(
      '/event loop blocked/.test(document.querySelector(".timeline figcaption").innerText)',
    );
    await page.press('Enter');
    await page.becomes('document.querySelector("#blocks ~ * details[open] .box")');
    await page.becomes('document.activeElement.matches("summary")');
    for (const key of ['Tab', 'ArrowDown', 'ArrowDown']) await page.press(key);
    await page.becomes('document.activeElement.matches(".box")');
    const name = await page.evaluate('document.activeElement.innerText');
    await page.press('Enter');
    await page.becomes('document.querySelector(".box[aria-current]")');
    assert.equal(
      await page.evaluate('document.querySelector(".box[aria-current]").innerText'),
      name,
    );
    await page.press('Escape');
    await page.becomes('document.querySelector(".box[aria-current]").innerText === "all"');
    assert.deepEqual(page.complaints, []);
  });
});
