/**
 * Turns of the loop, none of which needs the CPU: `node turns.mjs <kind>`. Prints
 * `measured <function> <ms>` for each.
 *
 *   usual    160 ms at first; then 45 ms again and again, and when that is usual 160 and 900 ms
 *   cuts     40 of 35 ms
 *   mixed    15 of 35 ms, one of 300 ms, 15 of 35 ms
 *   endless  of 35 ms, for five seconds
 *   exit     20 of 35 ms, and process.exit(3) in the last
 *   sparse   of 35 ms, four in a second, for three seconds
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from './lib/clock.mjs';
import { onceUp } from './lib/watchdog-up.cjs';

/** Until what it does begins; the watchdog is waited for besides. */
const START_MS = 600;
const DELAY_MS = 250;
const CUT_MS = 35;
const IDLE_MS = 25;

/** For whoever looks at a second at a time to come to the end of it. */
const AFTERWARDS_MS = 1300;

const cell = new Int32Array(new SharedArrayBuffer(4));
const print = console.log;

function measured(name, startedMs) {
  print(`measured ${name} ${nowMs() - startedMs}`);
}

function first(ms) {
  const startedMs = nowMs();
  Atomics.wait(cell, 0, 0, ms);
  measured('first', startedMs);
}

function again(ms) {
  const startedMs = nowMs();
  Atomics.wait(cell, 0, 0, ms);
  measured('again', startedMs);
}

function long(ms) {
  const startedMs = nowMs();
  Atomics.wait(cell, 0, 0, ms);
  measured('long', startedMs);
}

function cut(ms = CUT_MS) {
  const startedMs = nowMs();
  Atomics.wait(cell, 0, 0, ms); // culprit: cut
  measured('cut', startedMs);
}

async function cuts(count, idleMs = IDLE_MS) {
  for (let left = count; left > 0; left--) {
    cut();
    await sleep(idleMs);
  }
}

const kinds = {
  async usual() {
    // The first stack of all takes the longest, which is not what this is about.
    cut(400);
    await sleep(30);
    first(160);
    for (let left = 60; left > 0; left--) {
      await sleep(30);
      cut(45);
    }
    await sleep(30);
    again(160);
    await sleep(30);
    long(900);
    await sleep(DELAY_MS);
  },
  async cuts() {
    await cuts(40);
    await sleep(AFTERWARDS_MS);
  },
  async mixed() {
    await cuts(15);
    long(300);
    await sleep(IDLE_MS);
    await cuts(15);
    await sleep(AFTERWARDS_MS);
  },
  async endless() {
    for (const endMs = nowMs() + 5000; nowMs() < endMs; ) await cuts(1);
    await sleep(AFTERWARDS_MS);
  },
  async exit() {
    await cuts(19);
    cut();
    process.exit(3);
  },
  async sparse() {
    await cuts(12, DELAY_MS - CUT_MS);
    await sleep(AFTERWARDS_MS);
  },
};

onceUp(START_MS, kinds[process.argv[2]]);
