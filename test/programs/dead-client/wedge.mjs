/**
 * The story that this began with: a server with one seat, held by a client that was frozen in the
 * middle of what it is sent. `node wedge.mjs [watched]` starts both, asks for the seat again and again,
 * and prints `seated after <ms>`, or `still held after <ms>`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClientWatchdog } from '@loopwatch/dead-client';

const GRACE_MS = 3000;
const PATIENCE_MS = 9000;
let seatIsTaken = false;

const server = createServer(async (_, response) => {
  if (seatIsTaken) {
    response.writeHead(409).end();
    return;
  }
  seatIsTaken = true;
  try {
    const chunk = Buffer.alloc(256 * 1024);
    // The session lasts as long as there is something to say.
    while (!response.destroyed) {
      if (!response.write(chunk)) await once(response, 'drain');
      await sleep(10);
    }
  } catch (error) {
    console.log('freed by', error.code);
  } finally {
    seatIsTaken = false;
  }
});

if (process.argv[2] === 'watched') {
  const watchdog = createClientWatchdog({ graceMs: GRACE_MS, intervalMs: 250 });
  await watchdog.ready;
  watchdog.attach(server);
}
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();

const reader = `
  require('http').get('http://127.0.0.1:${port}', (response) => {
    response.resume();
    response.once('data', () => process.send('reads'));
  });
`;
const client = spawn(process.execPath, ['-e', reader], {
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
});
process.on('exit', () => client.kill('SIGKILL'));
await once(client, 'message');
client.kill('SIGSTOP');

const frozenAt = performance.now();
const passed = () => Math.round(performance.now() - frozenAt);
while (passed() < PATIENCE_MS) {
  const { status, body } = await fetch(`http://127.0.0.1:${port}`);
  await body.cancel();
  if (status === 200) {
    console.log('seated after', passed());
    process.exit();
  }
  await sleep(50);
}
console.log('still held after', passed());
process.exit();
