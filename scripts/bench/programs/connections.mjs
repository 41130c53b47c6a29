// A server with as many connections over loopback as it is told: node connections.mjs COUNT. Prints
// 'ready' when all are there. Each line on standard input is then a command, a JSON object, and is
// answered with a line: { backend } watches all of them for dead clients from now on, or none with
// null; { talks } writes a line to each of them every second, or no longer; { usage: true } tells
// the CPU time it has used so far, in ms, and the backend that is in use.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { createClientWatchdog } from '@loopwatch/dead-client';

const count = Number(process.argv[2]);
const sockets = [];
let watchdog;
let talking;

const server = createServer((socket) => {
  sockets.push(socket.resume().on('error', () => {}));
  if (sockets.length === count) console.log('ready');
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
await once(server, 'listening');

// Clients that read, and do nothing else; they end with this process.
const clients = `
  const { connect } = require('node:net');
  let left = ${count};
  const next = () => {
    if (left-- > 0) connect(${server.address().port}, '127.0.0.1', next).resume().on('error', () => {});
  };
  for (let index = 0; index < 50; index++) next();
  process.stdin.resume().on('end', () => process.exit());
`;
spawn(process.execPath, ['-e', clients], { stdio: ['pipe', 'ignore', 'inherit'] });

const commands = {
  async backend(backend) {
    watchdog?.close();
    watchdog = undefined;
    if (backend === null) return;
    watchdog = createClientWatchdog({ backend });
    await watchdog.ready;
    for (const socket of sockets) watchdog.watch(socket);
  },
  talks(talks) {
    clearInterval(talking);
    if (!talks) return;
    talking = setInterval(() => {
      for (const socket of sockets) socket.write('still here\n');
    }, 1000);
  },
  usage() {
    const { user, system } = process.cpuUsage();
    return { cpuMs: (user + system) / 1000, backend: watchdog?.status.backend ?? null };
  },
};

for await (const line of createInterface(process.stdin)) {
  let answer;
  for (const [name, value] of Object.entries(JSON.parse(line)))
    answer = await commands[name](value);
  console.log(JSON.stringify(answer ?? null));
}

// Resets, which leave nothing behind that the next measurement would find in the kernel's tables.
for (const socket of sockets) socket.resetAndDestroy();
process.exit();
