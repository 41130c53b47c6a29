/** Blocks while the main module, ESM, runs. */
import { measured, now, nowMs } from '../lib/clock.mjs';

const started = now();
while (nowMs() - started.ms < 600); // culprit
console.log(measured(started));
