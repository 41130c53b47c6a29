/**
 * Blocks for 400 ms, 250 ms after the start, in something that Node calls: `node invoked.mjs <how>`,
 * where how is `interval` or `immediate`. The blocking function is what is called.
 */
import { measured, now, nowMs } from '../lib/clock.mjs';
import { onceUp } from '../lib/watchdog-up.cjs';

const BLOCK_MS = 400;
const DELAY_MS = 250;

function spin() {
  const started = now();
  const end = nowMs() + BLOCK_MS;
  while (nowMs() < end); // culprit
  console.log(measured(started));
}

const ways = {
  interval() {
    let left = 5;
    const interval = setInterval(function poll() {
      if (--left > 0) return;
      clearInterval(interval);
      spin();
    }, DELAY_MS / 5);
  },
  immediate() {
    onceUp(DELAY_MS, () => setImmediate(spin));
  },
};

onceUp(0, ways[process.argv[2]]);
