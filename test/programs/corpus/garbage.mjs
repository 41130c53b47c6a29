/**
 * Allocates, 250 ms after the start, under so much that lives on that collecting the garbage takes
 * most of the time: V8 looks at all of it each time. Prints `measured <ms> cpu <ms>`. To be started
 * with --max-semi-space-size=1, so that it does so often.
 */
import { setFlagsFromString } from 'node:v8';
import { measured, now, nowMs } from '../lib/clock.mjs';
import { onceUp } from '../lib/watchdog-up.cjs';

const BLOCK_MS = 400;
const DELAY_MS = 250;
const AFTER_MS = 100;

/** What a program holds for long, a cache for example. */
const cache = new Map(Array.from({ length: 300_000 }, (_, id) => [id, { id, names: [`n${id}`] }]));
// Only now: it would make the cache expensive to fill.
setFlagsFromString('--gc-global');

function allocate(ms) {
  const end = nowMs() + ms;
  let head = null;
  while (nowMs() < end) {
    for (let i = 0; i < 1000; i++) head = Array.of(head, cache.get(i)); // culprit: gc
  }
  return head;
}

function block() {
  const started = now();
  const head = allocate(BLOCK_MS);
  console.log(measured(started));
  // Collections are known in the turns after the one that they were in.
  setTimeout(() => {}, AFTER_MS);
  return head;
}

onceUp(DELAY_MS, block);
