/**
 * A block that the process does not survive: `node unfinished.mjs <how>`. `endless` never gives way;
 * `killed` kills itself 300 ms into the block, and prints `measured <ms> cpu <ms>` before it does.
 */
import { measured, now, nowMs } from '../lib/clock.mjs';
import { onceUp } from '../lib/watchdog-up.cjs';

const KILL_AFTER_MS = 300;
const DELAY_MS = 250;

function spin(ms) {
  const end = nowMs() + ms;
  while (nowMs() < end); // culprit
}

function block() {
  const started = now();
  if (process.argv[2] === 'endless') spin(Number.POSITIVE_INFINITY);
  spin(KILL_AFTER_MS);
  console.log(measured(started));
  process.kill(process.pid, 'SIGKILL');
}

onceUp(DELAY_MS, block);
