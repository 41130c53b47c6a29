/**
 * Connections that come and go as fast as they can, so that descriptors are used again at once, and
 * some that freeze: `node churn.mjs BACKEND SECONDS`, and longer where the machine is too busy for a
 * thousand connections and ten resets in that time. Prints `churned <counts>`: connections that were
 * served, reports, frozen connections that were reset, and living ones that were, or that did not get
 * all that they were sent (which must be none).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClientWatchdog } from '@loopwatch/dead-client';

const [, , backend, seconds] = process.argv;
const counts = { served: 0, reported: 0, reaped: 0, wrong: 0, broken: 0 };
const onDead = () => counts.reported++;
const watchdog = createClientWatchdog({ backend, graceMs: 1500, intervalMs: 20, onDead });
await watchdog.ready;

const answer = Buffer.alloc(2000);
const flood = Buffer.alloc(8 * 1024 * 1024);
const server = createServer((socket) => {
  let isFrozen = false;
  socket.once('data', (greeting) => {
    isFrozen = greeting.toString() === 'F';
    if (isFrozen) socket.write(flood);
    else socket.end(answer);
  });
  socket.on('error', (error) => {
    if (error.code !== 'LOOPWATCH_E_DEAD_CLIENT') return;
    if (isFrozen) counts.reaped++;
    else counts.wrong++;
  });
  socket.on('close', (failed) => {
    if (!failed && !isFrozen) counts.served++;
  });
});
watchdog.attach(server);
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
await once(server, 'listening');

const clients = `
  const { connect } = require('node:net');
  const port = ${server.address().port};
  function living() {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {}).on('close', () => {
      if (socket.bytesRead !== ${answer.length}) process.send('broken');
      living();
    });
    socket.resume().write('L');
  }
  function frozen() {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {}).on('close', frozen);
    socket.write('F');
    socket.pause();
    // Read so late that it notices its end.
    setTimeout(() => socket.resume(), 4000);
  }
  for (let index = 0; index < 40; index++) living();
  for (let index = 0; index < 10; index++) frozen();
`;
const child = spawn(process.execPath, ['-e', clients], {
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
});
child.on('message', () => counts.broken++);
process.on('exit', () => child.kill('SIGKILL'));
await sleep(seconds * 1000);
while (counts.served <= 1000 || counts.reaped < 10) await sleep(100);
console.log('churned', JSON.stringify(counts));
process.exit();
