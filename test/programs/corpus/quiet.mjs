/**
 * Never blocks, whatever it does or has done to it: `node quiet.mjs <kind>`. Prints `ready` when the
 * watchdog must be up, `unconfirmed <event>` for each late beat that was no block, and at the end
 * `counts <these, counted, as JSON>`.
 *
 *   idle        does nothing for a second
 *   turns       thousands of turns of up to 1 ms, for three seconds
 *   immediates  a setImmediate loop for a second
 *   stays       a little now and then, until standard input ends
 *   worker      is idle while a thread that is not watched computes for 600 ms
 */
import { subscribe } from 'node:diagnostics_channel';
import { Worker } from 'node:worker_threads';
import { unconfirmed } from 'loopwatch';
import { nowMs } from '../lib/clock.mjs';
import { onceUp } from '../lib/watchdog-up.cjs';

/** Until what it does begins; the watchdog is waited for besides. */
const DELAY_MS = 600;

/** How long a verdict may take to come from the watchdog. */
const VERDICT_MS = 200;

function settle() {
  setTimeout(() => console.log('counts', JSON.stringify(unconfirmed())), VERDICT_MS);
}

function turnsUntil(end) {
  const pause = nowMs() + 1;
  while (nowMs() < pause);
  if (nowMs() < end) setTimeout(turnsUntil, 0, end);
  else settle();
}

function immediatesUntil(end) {
  if (nowMs() < end) setImmediate(immediatesUntil, end);
  else settle();
}

const kinds = {
  idle: () => setTimeout(settle, 1000),
  turns: () => turnsUntil(nowMs() + 3000),
  immediates: () => immediatesUntil(nowMs() + 1000),
  stays() {
    const interval = setInterval(() => {}, 20);
    process.stdin.resume().on('end', () => {
      clearInterval(interval);
      settle();
    });
  },
  worker() {
    const spins = 'const end = performance.now() + 600; while (performance.now() < end);';
    const { NODE_OPTIONS: _, ...env } = process.env;
    new Worker(spins, { eval: true, execArgv: [], env }).on('exit', settle);
  },
};

subscribe('loopwatch:unconfirmed', (event) => console.log('unconfirmed', JSON.stringify(event)));
onceUp(DELAY_MS, () => {
  console.log('ready');
  kinds[process.argv[2]]();
});
