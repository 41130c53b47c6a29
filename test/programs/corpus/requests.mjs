/**
 * An HTTP server that answers two requests and ends: `/innocent` waits without blocking, `/guilty`
 * blocks for 400 ms. Prints `port <n>` and, when it is there, `innocent`; both 250 ms after the start.
 */
import { createServer } from 'node:http';
import { measured, now, nowMs } from '../lib/clock.mjs';
import { onceUp } from '../lib/watchdog-up.cjs';

const BLOCK_MS = 400;
const DELAY_MS = 250;
const INNOCENT_MS = 200;

let left = 2;

function answer(response) {
  response.end(() => {
    if (--left === 0) server.close();
  });
}

function render(ms) {
  const end = nowMs() + ms;
  while (nowMs() < end); // culprit
}

function handle(request, response) {
  if (request.url.startsWith('/guilty')) {
    const started = now();
    render(BLOCK_MS);
    console.log(measured(started));
    answer(response);
  } else {
    console.log('innocent');
    setTimeout(answer, INNOCENT_MS, response);
  }
}

const server = createServer({ keepAlive: false }, handle);
server.keepAliveTimeout = 1;
onceUp(DELAY_MS, () => {
  server.listen(0, '127.0.0.1', () => console.log('port', server.address().port));
});
