/**
 * Watches one connection of each kind, twice, by what a program has of it. Prints a line for each: what
 * was given, and how many connections are watched by it.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, get } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { connect, createServer } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { createClientWatchdog } from '@loopwatch/dead-client';
import { WebSocket, WebSocketServer } from 'ws';

const watchdog = createClientWatchdog({ backend: 'proc' });
await watchdog.ready;

function take(kind, given) {
  const seat = watchdog.watch(given, { meta: kind });
  watchdog.watch(given);
  const known = watchdog.clients().filter(({ meta }) => meta === kind);
  const isSeen = known.every(({ remote }) => /^127\.0\.0\.1:\d+$/.test(remote));
  console.log(`${kind}: ${isSeen ? known.length : 'unknown'}`);
  seat.unwatch();
}

async function listening(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

const credentials = {
  key: readFileSync(new URL('../../fixtures/loopback-key.pem', import.meta.url)),
  cert: readFileSync(new URL('../../fixtures/loopback-cert.pem', import.meta.url)),
};

const tcp = createServer((socket) => take('socket', socket));
connect(await listening(tcp), '127.0.0.1').resume();
await once(tcp, 'connection');

const tls = createTlsServer(credentials, (socket) => take('tls', socket));
connectTls({ port: await listening(tls), host: '127.0.0.1', rejectUnauthorized: false });
await once(tls, 'secureConnection');

const http = createHttpServer((request, response) => {
  take('request', request);
  take('response', response);
  response.end();
});
const answered = get({ port: await listening(http), host: '127.0.0.1' });
await once(answered, 'response');

const webSockets = new WebSocketServer({ server: http });
webSockets.on('connection', (socket) => take('ws', socket));
new WebSocket(`ws://127.0.0.1:${http.address().port}`);
await once(webSockets, 'connection');

const http2 = createHttp2Server((request, response) => {
  take('http2 request', request);
  take('http2 response', response);
  response.end();
});
http2.on('session', (session) => take('http2 session', session));
http2.on('stream', (stream) => take('http2 stream', stream));
const session = connectHttp2(`http://127.0.0.1:${await listening(http2)}`);
const stream = session.request();
stream.resume();
await once(stream, 'end');
process.exit();
