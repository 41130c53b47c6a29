/**
 * Does what its standard input says, a line a step: `block MS` blocks the event loop,
 * `spin MS` does so by computing, `pause MS` in a pause, `stop` stops the
 * watch and says `stopped`, `start JSON` starts it, `exit CODE` exits, `scrape` prints what the
 * program's own prom-client registry has. Ends with its input. Says `up` first.
 *
 *   node status.mjs [ms for which its main module loads]
 */
import { createInterface } from 'node:readline';
import { pause, start, stop } from 'loopwatch';
import { register as registerMetrics } from 'loopwatch/prometheus';
import { register } from 'prom-client';
import { up } from './lib/watchdog-up.cjs';

const cell = new Int32Array(new SharedArrayBuffer(4));

function block(ms) {
  Atomics.wait(cell, 0, 0, Number(ms));
}

registerMetrics();

const steps = {
  block,
  spin(ms) {
    const end = performance.now() + Number(ms);
    while (performance.now() < end); // culprit
  },
  pause: (ms) => pause(() => block(ms)),
  async stop() {
    await stop();
    console.log('stopped');
  },
  start: (json) => start(JSON.parse(json)),
  exit: (code) => process.exit(Number(code)),
  scrape: async () => console.log(`${await register.metrics()}scraped`),
};

block(process.argv[2] ?? 0);

createInterface({ input: process.stdin }).on('line', (line) => {
  const [name, value] = line.split(/ (.*)/s);
  void steps[name](value);
});
await up();
console.log('up');
