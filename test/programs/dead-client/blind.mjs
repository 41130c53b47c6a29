/**
 * A server that writes to a frozen client without asking whether it reads, as many WebSocket servers
 * do: `node blind.mjs [watched]`. Prints `memory <bytes>`, what it holds for the client at most, and
 * after 8 s at the end.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClientWatchdog } from '@loopwatch/dead-client';
import { WebSocketServer } from 'ws';

const server = createServer();
const webSockets = new WebSocketServer({ server });
if (process.argv[2] === 'watched') {
  const watchdog = createClientWatchdog({ graceMs: 2000, intervalMs: 250 });
  await watchdog.ready;
  watchdog.attach(webSockets);
}
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const reader = `
  const socket = new (require('ws').WebSocket)('ws://127.0.0.1:${server.address().port}');
  socket.once('message', () => process.send('reads'));
`;
const child = spawn(process.execPath, ['-e', reader], {
  cwd: import.meta.dirname,
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
});
process.on('exit', () => child.kill('SIGKILL'));

const [webSocket] = await once(webSockets, 'connection');
const chunk = Buffer.alloc(64 * 1024);
webSocket.send(chunk);
await once(child, 'message');
child.kill('SIGSTOP');
let most = 0;
for (let round = 0; round < 160; round++) {
  // 3.2 MB a second.
  for (let index = 0; index < 2; index++) if (webSocket.readyState === 1) webSocket.send(chunk);
  most = Math.max(most, webSocket.bufferedAmount);
  await sleep(50);
}
const held = webSocket.readyState === 1 ? webSocket.bufferedAmount : 0;
console.log('memory', JSON.stringify({ most, held, state: webSocket.readyState }));
process.exit();
