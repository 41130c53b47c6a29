/** Twenty blocks of 30 ms, none of them long, in a second. Prints `measured <ms> cpu <ms>` for each. */
import { measured, now, nowMs } from '../lib/clock.mjs';
import { onceUp } from '../lib/watchdog-up.cjs';

const CUTS = 20;
const CUT_MS = 30;
const IDLE_MS = 20;
const DELAY_MS = 250;

/** For whoever looks at a second at a time to come to the end of it. */
const AFTERWARDS_MS = 1200;

function cut(ms) {
  const end = nowMs() + ms;
  while (nowMs() < end); // culprit
}

function block(left) {
  const started = now();
  cut(CUT_MS);
  console.log(measured(started));
  if (left > 1) setTimeout(block, IDLE_MS, left - 1);
  else setTimeout(() => {}, AFTERWARDS_MS);
}

onceUp(DELAY_MS, block, CUTS);
