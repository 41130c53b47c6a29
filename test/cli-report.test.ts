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
import { pathToFileURL } from 'node:url';
import { blocking } from './harness/block.js';
import { Browser, chromium, type Page } from './harness/browser.js';
import { cli, startCli } from './harness/cli.js';
import { type Scope, temporaryFolder } from './harness/folder.js';
import { run } from './harness/run.js';

/** What is there until the tests of this file have ended. */
const endings: Parameters<Scope['after']>[0][] = [];
const wholeFile: Scope = { after: (end) => void endings.push(end) };
after(async () => {
  for (const end of endings) await end();
});

/** The log of a program that blocks for some 400 ms, and takes no CPU: no busy machine changes what it is. */
let log: string;

before(async () => {
  log = join(temporaryFolder(wholeFile), 'blocks.ndjson');
  const { code } = await run(wholeFile, blocking({ kind: 'wait', ms: 400 }), {
    env: { LOOPWATCH_LOG: log },
  });
  assert.equal(code, 0);
});

/** A log line that is changed by `change`. */
// biome-ignore lint/suspicious/noExplicitAny: made wrong on purpose
function lineLike(change: (block: any, line: any) => void): string {
  const text = readFileSync(log, 'utf8')
    .split('\n')
    .find((one) => one.includes('"block"'));
  const line = JSON.parse(text as string);
  change(line.block, line);
  return `${JSON.stringify(line)}\n`;
}

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

/** A report in a browser. */
async function opened(scope: Scope, lines: string): Promise<Page> {
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

describe('the report in a browser', { skip, concurrency: 3 }, () => {
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

  test('shows hostile names as what they are', async (t) => {
    const hostile = `</script><img src=x onerror="window.hacked=1"><!--<script>'"\u202e`;
    const line = lineLike((block, fields) => {
      block.culprit = { ...block.culprit, function: hostile, file: `javascript:${hostile}` };
      block.request = {
        id: hostile,
        method: hostile,
        route: hostile,
        path: hostile,
        startedAt: hostile,
      };
      block.process.host = hostile.repeat(10_000);
      for (const { frames } of block.samples.stacks)
        for (const frame of frames) frame.function = hostile;
      fields.hint = hostile;
    });
    const page = await opened(t, line);
    await page.becomes('document.querySelector("summary")');
    await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
    await page.becomes('document.querySelector(".inside .box")');
    assert.equal(await page.evaluate('window.hacked'), undefined);
    assert.equal(await page.evaluate('document.querySelectorAll("img").length'), 0);
    assert.ok(await page.evaluate('document.body.innerText.includes("<img src=x")'));
    assert.deepEqual(page.complaints, []);
  });

  test('of ten thousand blocks can be used', async (t) => {
    const start = Date.parse('2026-01-02T03:04:05.000Z');
    const lines = Array.from({ length: 10_000 }, (_, number) => {
      return lineLike((block) => {
        block.id = number.toString(16).padStart(32, '0');
        block.startedAt = new Date(start + number * 1000).toISOString();
        block.culprit.function = `function${number % 100}`;
      });
    });
    const page = await opened(t, lines.join(''));
    await page.becomes('/10,000 times/.test(document.querySelector("h1").innerText)');
    const elements = await page.evaluate('document.querySelectorAll("*").length');
    assert.ok(elements < 6000, `${elements}`);
    await page.evaluate('document.querySelector("details").open = true');
    await page.becomes('document.querySelector("details .box")');
  });
});
