/**
 * Does what its arguments say, one after the other, with a watch that it starts and stops itself:
 *
 *   node steps.mjs start block:200 stop
 *
 * start     starts the watch; start:{…} with options, as JSON
 * block:MS  blocks the event loop
 * sleep:MS  lets it turn
 * up        waits for the watchdog
 * file:PATH waits until there is such a file
 * stop      stops, and says `stopped MS`: how long that took
 * stops     calls it twice at once, and says so when both have resolved
 * stopping  calls stop() and goes on; it says so when that has resolved
 * join      waits for what `stopping` began
 * exit:CODE process.exit(), and before it `left at <ms since 1970>`
 * say:WORD  prints it
 * idle      stays up until standard input ends
 */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { start, stop } from 'loopwatch';
import { leftNow } from './lib/clock.mjs';
import { up } from './lib/watchdog-up.cjs';

const cell = new Int32Array(new SharedArrayBuffer(4));
let stopping = Promise.resolve();

async function timed(ending) {
  const startedMs = performance.now();
  await ending;
  console.log(`stopped ${Math.round(performance.now() - startedMs)}`);
}

const steps = {
  start: (json) => start(json === '' ? undefined : JSON.parse(json)),
  block(ms) {
    Atomics.wait(cell, 0, 0, Number(ms));
  },
  sleep: (ms) => sleep(Number(ms)),
  up: () => up(),
  async file(path) {
    while (!existsSync(path)) await sleep(10);
  },
  stop: () => timed(stop()),
  stops: () => timed(Promise.all([stop(), stop()])),
  stopping() {
    stopping = timed(stop());
  },
  join: () => stopping,
  exit(code) {
    console.log(leftNow());
    process.exit(Number(code));
  },
  say: (word) => console.log(word),
  idle() {
    process.stdin.resume();
  },
};

for (const step of process.argv.slice(2)) {
  const [, name, value] = /^(\w+):?(.*)$/.exec(step);
  await steps[name](value);
}
