/**
 * Starts, blocks and stops in several ways. Says as JSON what could be seen of loopwatch before,
 * between and after, and prints a line before each block that must be reported.
 */
import { channel } from 'node:diagnostics_channel';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { start, stop } from 'loopwatch';
import { up } from './lib/watchdog-up.cjs';

const log = process.env.LOOPWATCH_LOG;
const cell = new Int32Array(new SharedArrayBuffer(4));

function wait(ms) {
  Atomics.wait(cell, 0, 0, ms);
}

/** What loopwatch may hold while it watches, and must not after. */
function footprint() {
  // A request of the module loader's comes and goes.
  const resources = process.getActiveResourcesInfo().filter((name) => name !== 'CloseReq');
  return {
    resources: resources.sort(),
    exitListeners: process.listenerCount('exit'),
    channel: channel('http.server.request.start').hasSubscribers,
    wayIn: typeof globalThis[Symbol.for('loopwatch')]?.snapshot,
    error: Object.getOwnPropertyNames(Error),
  };
}

function reported() {
  return existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0;
}

const said = {};

await stop();
said.before = footprint();

start();
said.watching = footprint();
await up(600);
wait(500);
await stop();
said.reportedAtStop = reported();
said.stopped = footprint();

wait(300);
await sleep(300);
said.reportedWhileStopped = reported();

start();
start({ thresholdMs: 150 });
await up(600);
wait(500);
const both = [stop(), stop()];
await Promise.all(both);
await stop();
said.reportedAtSecondStop = reported();
said.stoppedAgain = footprint();

console.log(JSON.stringify(said));
