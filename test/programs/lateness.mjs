/**
 * Runs a program and says, when its standard input ends, for how long the watchdog's thread ever stood still
 * while the program did not: `node lateness.mjs <program> ...`. How often the watchdog has ticked is the
 * seventh word of the memory that it shares with this thread.
 */
import { pathToFileURL } from 'node:url';

const TICK = 6;
const LOOK_MS = 2;

const { SharedArrayBuffer: Original } = globalThis;
const buffers = [];
globalThis.SharedArrayBuffer = class extends Original {
  constructor(...args) {
    super(...args);
    buffers.push(this);
  }
};
await import('loopwatch/register');
globalThis.SharedArrayBuffer = Original;

const ticking = buffers
  .map((buffer) => new Int32Array(buffer))
  .filter(({ length }) => length > 1000);
const ticks = () => ticking.map((words) => Atomics.load(words, TICK)).join();
let [last, changedMs, lookedMs, lateMs] = [ticks(), performance.now(), performance.now(), 0];
const timer = setInterval(() => {
  const [now, current] = [performance.now(), ticks()];
  // What this thread did not look at is not the watchdog's fault.
  if (now - lookedMs > 20 || current !== last) changedMs = now;
  lateMs = Math.max(lateMs, now - changedMs);
  [last, lookedMs] = [current, now];
}, LOOK_MS);

process.stdin.on('end', () => {
  clearInterval(timer);
  console.log(`late ${Math.round(lateMs)}`);
});

const [program] = process.argv.splice(2, 1);
process.argv[1] = program;
await import(pathToFileURL(program).href);
