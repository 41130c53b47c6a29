/**
 * `npm run docs:pictures`: makes the pictures in docs/pictures, of the demo's shop: its report, and
 * its status page while it is well and while it hangs. Needs Chromium (`apt-get install chromium`)
 * and a folder /srv that may be written to. What would show a path or a name of this machine is not
 * pictured.
 */
import { setMaxListeners } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bootstrap } from './bootstrap.mjs';
import { healthyPaths, scenarios } from './demo/scenarios.mjs';
import { withShop } from './demo/shop-process.mjs';
import { sendTraffic } from './demo/traffic.mjs';
import { must } from './lib/command.mjs';
import { root } from './lib/paths.mjs';
import { program, ToolError } from './lib/program.mjs';
import { withShopFolder } from './pictures/shop-folder.mjs';
import { tracesIn } from './pictures/traces.mjs';

const folder = join(root, 'docs', 'pictures');

/** More is a burden to who clones the repository. */
const mostBytes = 150_000;

const deadlineMs = 180_000;

const desktop = { width: 1000, height: 1150 };
const phone = { width: 390, height: 844 };

/** By name: how each page is seen. */
const views = {
  light: desktop,
  dark: { ...desktop, dark: true },
  phone,
  'phone-dark': { ...phone, dark: true },
};

/** As long as nobody stops it: the regular expression tries ways without end. */
const endless = `/search?q=${encodeURIComponent(`${'waterproof '.repeat(8)}?`)}`;

/** Rounds of the demo's calls, for tables with something in them. */
const rounds = 3;

await program(import.meta, async () => {
  await bootstrap();
  const { Browser, chromium } = await import('../test/dist/harness/browser.js');
  if (chromium === null) throw new ToolError('there is no chromium: apt-get install chromium');
  mkdirSync(folder, { recursive: true });
  const scratch = mkdtempSync(join(tmpdir(), 'loopwatch-pictures-'));
  const browser = new Browser(chromium);
  const signal = AbortSignal.timeout(deadlineMs);
  try {
    await withShopFolder((shop) => picturesOfShop(browser, scratch, shop, signal));
    await picturesOfReport(browser, scratch);
  } finally {
    await browser.close();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
});

/** The log of the shop; pictures of its status page on the way. */
async function picturesOfShop(browser, scratch, shopFolder, signal) {
  const port = 20_000 + (process.pid % 20_000);
  const env = {
    LOOPWATCH_CONTEXT: 'on',
    LOOPWATCH_HANG_MS: '2000',
    LOOPWATCH_JOURNAL_DIR: join(scratch, 'journal'),
    LOOPWATCH_LOG: join(scratch, 'shop.ndjson'),
    LOOPWATCH_LOG_LEVEL: 'debug',
    LOOPWATCH_SERVE: String(port),
  };
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  // Each request of the shoppers is one.
  setMaxListeners(0, either);
  const shop = withShop({ env, signal: either, folder: shopFolder }, async (origin) => {
    const calls = Array.from({ length: rounds }, () => scenarios().map(({ call }) => call)).flat();
    await sendTraffic(origin, { healthyPaths, calls }, either);
    const page = await browser.page(views.light);
    await page.open(`http://127.0.0.1:${port}/`);
    await page.becomes('/turns/.test(document.querySelector("h1").innerText)');
    await take(page, 'status', ['light']);
    fetch(`${origin}${endless}`).catch(() => {});
    await page.becomes('document.querySelector("#turn") && document.querySelector(".pulse")');
    // Long enough to look like what it is.
    await page.becomes('/for 1\\d\\.\\d s/.test(document.querySelector("h1").innerText)', 60_000);
    await take(page, 'hang', ['light', 'phone-dark']);
    stop.abort();
  });
  await shop.catch((error) => {
    // A shop that hangs is killed.
    if (!stop.signal.aborted) throw error;
  });
}

async function picturesOfReport(browser, scratch) {
  const log = join(scratch, 'shop.ndjson');
  writeFileSync(log, withoutHost(readFileSync(log, 'utf8')));
  const file = join(scratch, 'report.html');
  const cli = join(root, 'packages', 'loopwatch', 'dist', 'cli', 'main.js');
  await must(process.execPath, [cli, 'report', 'shop.ndjson', '-o', file], { cwd: scratch });
  const page = await browser.page(views.light);
  await page.open(pathToFileURL(file).href);
  await page.becomes('document.querySelector("details")');
  await page.evaluate('document.querySelector("details").open = true');
  await take(page, 'report', ['light', 'dark', 'phone', 'phone-dark']);
}

/** Its records, from a server of the shop. */
function withoutHost(log) {
  const lines = log.split('\n').filter((line) => line !== '');
  const neutral = (_, value) => (value === hostname() ? 'shop-1' : value);
  return lines.map((line) => `${JSON.stringify(JSON.parse(line, neutral))}\n`).join('');
}

/** Takes a page as it looks in some of the views. */
async function take(page, name, of) {
  for (const view of of) {
    await page.see(views[view]);
    // For what follows the width of the window.
    await page.evaluate('new Promise((done) => setTimeout(done, 300))');
    const traces = tracesIn(await page.evaluate('document.body.innerText'));
    if (traces.length > 0) {
      throw new ToolError(`${name}-${view} would tell of this machine: ${traces.join('; ')}`);
    }
    const file = join(folder, `${name}-${view}.png`);
    writeFileSync(file, await page.screenshot());
    const { size } = statSync(file);
    console.log(`${relative(root, file)}  ${Math.round(size / 1000)} KB`);
    if (size > mostBytes) throw new ToolError(`${file} is larger than ${mostBytes} bytes`);
  }
  if (page.complaints.length > 0) throw new ToolError(page.complaints.join('\n'));
}
