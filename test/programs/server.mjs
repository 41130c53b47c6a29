/**
 * An HTTP server on a free port, until standard input ends: `node server.mjs [options]`, where the
 * options (a JavaScript expression) are for start(). A request for any path with `?ms=300` blocks
 * for that long. Prints `port <n>`, what comes over the channels, and at the end
 * `counts <late beats that were no blocks, as JSON>`.
 */
import { subscribe } from 'node:diagnostics_channel';
import { createServer } from 'node:http';
import { start, unconfirmed } from 'loopwatch';
import { evaluate } from './lib/evaluate.mjs';
import { up } from './lib/watchdog-up.cjs';

if (process.argv.length > 2) start(evaluate(process.argv[2]));

for (const name of ['block', 'unconfirmed']) {
  subscribe(`loopwatch:${name}`, (message) => console.log(name, JSON.stringify(message)));
}

function handle(request, response) {
  const ms = Number(new URL(request.url, 'http://localhost').searchParams.get('ms'));
  const cell = new Int32Array(new SharedArrayBuffer(4));
  if (ms > 0) Atomics.wait(cell, 0, 0, ms); // culprit
  response.end();
}

await up();
const server = createServer(handle).listen(0, '127.0.0.1', () => {
  console.log('port', server.address().port);
});

process.stdin.resume().on('end', () => {
  console.log('counts', JSON.stringify(unconfirmed()));
  server.close();
  server.closeAllConnections();
});
