/**
 * Replaces every timer and clock for a second of real time, and blocks in the middle of it. Says
 * whether the faked clocks stood still.
 */
import FakeTimers from '@sinonjs/fake-timers';
import { nap } from './lib/nap.mjs';

const { setTimeout: realTimeout } = globalThis;
const pause = (ms) => new Promise((resolve) => realTimeout(resolve, ms));

const clock = FakeTimers.install();
await pause(500);
nap(400);
await pause(500);
console.log(`fake time ${Date.now()} ${performance.now()} ${process.hrtime()[0]}`);
clock.uninstall();
