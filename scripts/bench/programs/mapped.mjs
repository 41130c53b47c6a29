// Blocks its event loop, and looks how regularly the watchdog looks while the report is made.
// Usage: node --import ./ticks.mjs --import loopwatch/register mapped.mjs BLOCKS BLOCK_MS AFTER_MS
import { setTimeout as passes } from 'node:timers/promises';

const [blocks, blockMs, afterMs] = process.argv.slice(2).map(Number);
const now = performance.now.bind(performance);

// What this thread did not look at is not the watchdog's fault.
const blindMs = 10;

function spin() {
  const untilMs = now() + blockMs;
  while (now() < untilMs); // the culprit
}

// The longest time between two looks of the watchdog, in ms.
async function longestGap(ms) {
  const untilMs = now() + ms;
  let [last, changedMs, lookedMs, longestMs] = [globalThis.watchdogTicks(), now(), now(), 0];
  while (now() < untilMs) {
    await passes(1);
    const [atMs, current] = [now(), globalThis.watchdogTicks()];
    if (atMs - lookedMs > blindMs) changedMs = atMs;
    else if (current !== last) {
      longestMs = Math.max(longestMs, atMs - changedMs);
      changedMs = atMs;
    }
    [last, lookedMs] = [current, atMs];
  }
  return longestMs;
}

await passes(500);
spin();
const longestMs = await longestGap(afterMs);
for (let block = 1; block < blocks; block++) {
  spin();
  await passes(700);
}
console.log(longestMs);
