/**
 * A client with as many connections as it is told, until it is killed: `node client.mjs JSON`, with
 *
 * - transport, host, port, connections;
 * - does: 'read', 'idle', 'stop', 'slow' (bytesPerSecond), 'busy' (busyMs), 'send-first', or what it
 *   does when a line comes in: 'end', 'reset'.
 *
 * Prints `connected` when all connections are there and have got something, where there is anything.
 */
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';

const settings = JSON.parse(process.argv[2]);
const { transport, does, port, host = '127.0.0.1', connections = 1 } = settings;
const { bytesPerSecond = 0, busyMs = 0 } = settings;
const insecure = { rejectUnauthorized: false };

/** How often a slow reader reads. */
const PER_SECOND = 10;

/** Reads exactly so many bytes at a time, and pauses in between. */
function slowly() {
  let socket;
  const buffer = Buffer.alloc(bytesPerSecond / PER_SECOND);
  const callback = () => {
    setTimeout(() => socket.resume(), 1000 / PER_SECOND);
    return false;
  };
  socket = connectTcp({ port, host, onread: { buffer, callback } });
  return socket;
}

/** Sends what fits nowhere, and reads nothing before it is gone. */
async function sendFirst(socket) {
  const part = Buffer.alloc(256 * 1024);
  for (let sent = 0; sent < 64; sent++) {
    if (!socket.write(part)) await once(socket, 'drain');
  }
  socket.resume();
}

async function overSocket(socket) {
  socket.on('error', () => {});
  if (transport === 'http') socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  if (does === 'slow') return;
  if (does === 'end' || does === 'reset') {
    await once(socket, transport === 'tls' ? 'secureConnect' : 'connect');
    socket.write(Buffer.alloc(does === 'end' ? 10 : 100_000));
    process.stdin.on('data', () => (does === 'end' ? socket.end() : socket.resetAndDestroy()));
    return;
  }
  if (does === 'idle') {
    await once(socket, transport === 'tls' ? 'secureConnect' : 'connect');
    return;
  }
  if (does === 'send-first') {
    await once(socket, 'connect');
    void sendFirst(socket);
    return;
  }
  socket.on('data', () => {});
  await once(socket, 'data');
  if (does === 'stop') setTimeout(() => socket.pause(), 500);
}

const openers = {
  tcp: () =>
    overSocket(does === 'slow' ? slowly() : connectTcp({ port, host, allowHalfOpen: true })),
  http: () => overSocket(connectTcp({ port, host })),
  tls: () => overSocket(connectTls({ port, host, ...insecure })),
  async ws() {
    const socket = new WebSocket(`ws://${host}:${port}`);
    socket.on('error', () => {});
    await once(socket, does === 'idle' || does === 'end' ? 'open' : 'message');
    if (does === 'end') socket.send(Buffer.alloc(10));
  },
  h2c: () => overSession(`http://${host}:${port}`),
  h2: () => overSession(`https://${host}:${port}`),
};

async function overSession(url) {
  const session = connectHttp2(url, insecure);
  session.on('error', () => {});
  const request = session.request();
  request.on('error', () => {});
  request.on('data', () => {});
  await once(request, 'data');
  if (does === 'stop') setTimeout(() => request.pause(), 500);
}

process.stdin.on('end', () => process.exit());
await Promise.all(Array.from({ length: connections }, () => openers[transport]()));
console.log('connected');

if (does === 'busy') {
  await sleep(200);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, busyMs);
  console.log('rested');
}
process.stdin.resume();
// Also where nothing else keeps it running.
setInterval(() => {}, 1000);
