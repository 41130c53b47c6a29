/**
 * An Express server that knows nothing of loopwatch, until standard input ends. Prints `port <n>`, and
 * for each line of standard input `has <what the process has, as JSON>`, but for `up`: to that it says `up`
 * once the watchdog is, if there is one.
 */
import { readdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import express from 'express5';
import { onceUp } from './lib/watchdog-up.cjs';

const cell = new Int32Array(new SharedArrayBuffer(4));

const app = express();

app.get('/report/:id', (request, response) => {
  // Sleeps, so that no busy machine can make it something else than a block.
  Atomics.wait(cell, 0, 0, Number(request.query.ms)); // culprit
  response.send('done');
});

const names = () => Reflect.ownKeys(globalThis).map(String).sort();

// The pool's threads come with the first work: they are none of what a watch brings.
await Promise.all(Array.from({ length: 8 }, () => stat(import.meta.filename ?? '.')));

const server = app.listen(0, '127.0.0.1', () => console.log('port', server.address().port));

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  if (line === 'up') {
    onceUp(0, () => console.log('up'));
    return;
  }
  const has = {
    resources: process.getActiveResourcesInfo().sort(),
    threads: readdirSync('/proc/self/task').length,
    globals: names(),
    listeners: process.eventNames().map(String).sort(),
    limit: process.getMaxListeners(),
  };
  console.log('has', JSON.stringify(has));
});
lines.on('close', () => process.exit(5));
