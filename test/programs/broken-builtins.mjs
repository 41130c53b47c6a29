/**
 * Breaks what JavaScript is built on, in one way, once it is up; makes garbage, blocks, lets the loop
 * turn, and says so: `node broken-builtins.mjs <mode>`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { up } from './lib/watchdog-up.cjs';

const cell = new Int32Array(new SharedArrayBuffer(4));
const { wait } = Atomics;

function fail() {
  throw new Error('broken by the program');
}

const modes = {
  'Array methods throw'() {
    for (const name of ['map', 'filter', 'every', 'find', 'slice']) Array.prototype[name] = fail;
  },
  'Map and Set throw'() {
    for (const name of ['get', 'set']) Map.prototype[name] = fail;
    Set.prototype.add = fail;
  },
  'Atomics are gone'() {
    globalThis.Atomics = undefined;
  },
  'arrays have a toJSON'() {
    Array.prototype.toJSON = () => 'not an array';
  },
  'objects have a toJSON'() {
    Object.prototype.toJSON = () => 'not an object';
  },
};

await up(400);
modes[process.argv[2]]();
for (let left = 30; left > 0; left--) new Array(1_000_000).fill(left);
wait(cell, 0, 0, 400);
await sleep(1500);
console.log('still here');
