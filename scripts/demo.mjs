/**
 * `npm run demo`: shows in some seconds what loopwatch does, and fails unless it does it. A small
 * shop runs under loopwatch and has shoppers; now and then a call comes that blocks its event loop.
 * What is shown comes from loopwatch's log and from what arrived at a local stand-in for Sentry.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { compare, readLog } from './demo/findings.mjs';
import { healthyPaths, scenarios } from './demo/scenarios.mjs';
import { startSentryReceiver } from './demo/sentry-receiver.mjs';
import { withShop } from './demo/shop-process.mjs';
import { summary } from './demo/summary.mjs';
import { sendTraffic } from './demo/traffic.mjs';
import { program, ToolError } from './lib/program.mjs';

/** The demo takes a tenth of it; a machine on which this isn't enough is not worth waiting for. */
const deadlineMs = 60_000;

await program(import.meta, async () => {
  await bootstrap();
  const scratch = mkdtempSync(join(tmpdir(), 'loopwatch-demo-'));
  try {
    return await withDeadline((signal) => show(scratch, signal));
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
});

/** @returns {Promise<number>} the exit code */
async function show(scratch, signal) {
  const planned = scenarios();
  const calls = planned.map(({ call }) => call);
  const log = join(scratch, 'loopwatch.ndjson');
  const sentry = await startSentryReceiver();
  try {
    const env = {
      LOOPWATCH_CONTEXT: 'on',
      LOOPWATCH_LOG: log,
      // Lets a run that fails say why loopwatch took a late beat for no block.
      LOOPWATCH_LOG_LEVEL: 'debug',
      LOOPWATCH_JOURNAL_DIR: join(scratch, 'journal'),
      SENTRY_DSN: sentry.dsn,
    };
    console.error('running a small shop with shoppers in it, and blocking its event loop');
    const traffic = await withShop({ env, signal }, (origin) => {
      return sendTraffic(origin, { healthyPaths, calls }, signal);
    });
    const { lines, remarks } = readLog(existsSync(log) ? readFileSync(log, 'utf8') : '');
    const findings = compare(planned, lines, sentry.events);
    const trouble = [...findings.problems, ...traffic.failures];
    if (trouble.length > 0) trouble.push(...remarks);
    const { healthyMs } = traffic;
    const colours = process.stdout.hasColors?.() ?? false;
    console.log(summary({ ...findings, healthyMs, trouble }, { colours }));
    return trouble.length === 0 ? 0 : 1;
  } finally {
    sentry.close();
  }
}

/** Ends the work at the deadline, and when the person who waits for it has had enough. */
async function withDeadline(work) {
  const stop = new AbortController();
  const give = (why) => stop.abort(new ToolError(why));
  const onSignal = (name) => give(`stopped by ${name}`);
  const timer = setTimeout(give, deadlineMs, `the demo was not done after ${deadlineMs / 1000} s`);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of signals) process.once(name, onSignal);
  try {
    return await work(stop.signal);
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    clearTimeout(timer);
    for (const name of signals) process.off(name, onSignal);
  }
}
