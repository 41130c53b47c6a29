/**
 * A worker thread blocks for 400 ms, 250 ms after its start, under a main thread that has nothing to
 * do; with the preload it inherits.
 */
import { isMainThread, Worker } from 'node:worker_threads';
import { measured, now, nowMs } from '../lib/clock.mjs';

const BLOCK_MS = 400;
const DELAY_MS = 250;

function paint(ms) {
  const end = nowMs() + ms;
  while (nowMs() < end); // culprit
}

function block() {
  const started = now();
  paint(BLOCK_MS);
  console.log(measured(started));
}

if (isMainThread) new Worker(new URL(import.meta.url), { name: 'painter' });
else setTimeout(block, DELAY_MS);
