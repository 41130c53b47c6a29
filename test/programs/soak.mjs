/**
 * Blocks its event loop so many times a second, for so many seconds, each time for so many ms, or up
 * to one more:
 *
 *   node soak.mjs LEDGER SECONDS PER_SECOND MS
 *
 * Once a second it appends to the ledger what happened since, as a line of JSON: the blocks (when each
 * began, in ms since the epoch, and how long it took), the records that came to a listener (which, when,
 * how long), the memory, the late beats that were no blocks. Says `done` and stays up until standard
 * input ends.
 */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { onBlock, unconfirmed } from 'loopwatch';

const [ledger, seconds, perSecond, leastMs] = process.argv.slice(2);
const everyMs = 1000 / Number(perSecond);
const total = Math.round(Number(seconds) * Number(perSecond));

/** Time for the watchdog to be up, and for what came last to be judged. */
const SETTLE_MS = 1000;

const cell = new Int32Array(new SharedArrayBuffer(4));
const now = () => performance.timeOrigin + performance.now();

let blocks = [];
let seen = [];

onBlock(({ id, durationMs, startedAt }) => {
  seen.push({ id, atMs: now(), startedMs: Date.parse(startedAt), durationMs });
});

function tell() {
  const { rss } = process.memoryUsage();
  const line = { atMs: now(), rssMb: rss / 2 ** 20, blocks, seen, unconfirmed: unconfirmed() };
  blocks = [];
  seen = [];
  appendFileSync(ledger, `${JSON.stringify(line)}\n`);
}

function wait(ms) {
  Atomics.wait(cell, 0, 0, ms);
}

function block() {
  const startedMs = now();
  wait(Number(leastMs) + Math.random());
  blocks.push([startedMs, now() - startedMs]);
}

await sleep(SETTLE_MS);
tell();
const startedMs = now();
let toldMs = startedMs;
for (let index = 0; index < total; index++) {
  // At least one turn of the loop, or two blocks would be one.
  await sleep(Math.max(1, startedMs + index * everyMs - now()));
  block();
  if (now() - toldMs >= 1000) {
    await sleep(1);
    tell();
    toldMs = now();
  }
}
await sleep(SETTLE_MS);
tell();
console.log('done');
process.stdin.resume().on('end', tell);
