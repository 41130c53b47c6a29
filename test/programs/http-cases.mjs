/**
 * An HTTP server whose paths each answer in a way of their own, most of them after a block, until
 * standard input ends: `node http-cases.mjs [http|http2]`. Prints `port <n>`, `said <what>` for what
 * a case saw itself, and what comes over the channel.
 */
import { subscribe } from 'node:diagnostics_channel';
import { createServer } from 'node:http';
import { createServer as createServer2 } from 'node:http2';
import { pipeline, Readable } from 'node:stream';
import { pause as unwatched } from 'loopwatch';
import { pause, render } from './lib/handlers.mjs';
import { up } from './lib/watchdog-up.cjs';

/** Long enough to be seen on a busy machine. */
const BLOCK_MS = 600;

/** Long enough for others to come meanwhile. */
const LONG_MS = 2000;

const PAGE = '<body><p>page</p></body>';

subscribe('loopwatch:block', (record) => console.log('block', JSON.stringify(record)));

const block = () => render(BLOCK_MS);

function refused(attempt) {
  try {
    attempt();
  } catch (error) {
    console.log('said', error.code);
  }
}

const cases = {
  async wait(_request, response) {
    await pause(1000);
    response.end('waited');
  },
  plain: (_request, response) => response.end('plain'),
  sameTurn(_request, response) {
    block();
    response.end('blocked');
  },
  long(_request, response) {
    render(LONG_MS);
    response.end('blocked');
  },
  ended(_request, response) {
    response.end('ended');
    block();
  },
  endedTimer(_request, response) {
    response.end('ended');
    setTimeout(block, 50);
  },
  async promise(_request, response) {
    await pause(20);
    block();
    response.end('blocked');
  },
  body(request, response) {
    request
      .once('data', block)
      .resume()
      .on('end', () => response.end('read'));
  },
  timer(_request, response) {
    setTimeout(() => {
      block();
      response.end('blocked');
    }, 20);
  },
  async later(_request, response) {
    setTimeout(block, 1);
    await pause(1000);
    response.end('later');
  },
  healthz(_request, response) {
    block();
    response.end('blocked');
  },
  paused(_request, response) {
    unwatched(block);
    response.end('paused');
  },
  notModified(_request, response) {
    block();
    response.writeHead(304, { etag: '"1"' }).end();
  },
  own(_request, response) {
    block();
    response.setHeader('server-timing', 'db;dur=5');
    response.setHeader('X-Request-ID', 'mine');
    response.setHeader('X-Blocking-Count', '77');
    response.end('own');
  },
  object(_request, response) {
    block();
    response.writeHead(200, 'Fine', { 'SERVER-timing': 'db;dur=5', 'x-request-id': 'mine' });
    response.end('object');
  },
  array(_request, response) {
    block();
    response.writeHead(200, [
      'Server-Timing',
      'db;dur=5',
      'set-cookie',
      'a=1',
      'set-cookie',
      'b=2',
    ]);
    response.end('array');
  },
  pairs(_request, response) {
    block();
    const headers = [
      ['Server-Timing', 'db;dur=5'],
      ['set-cookie', ['a=1', 'b=2']],
    ];
    response.writeHead(200, headers).end('pairs');
  },
  twice(_request, response) {
    response.writeHead(200);
    refused(() => response.writeHead(500));
    response.end('twice');
  },
  invalid(_request, response) {
    refused(() => response.writeHead(200, ['odd']));
    refused(() => response.writeHead(99));
    block();
    response.writeHead(500).end('invalid');
  },
  chunked(_request, response) {
    response.write('first');
    block();
    response.end('last');
  },
  trailers(_request, response) {
    response.writeHead(200, { trailer: 'x-own' });
    response.write('first');
    block();
    response.addTrailers({ 'x-own': '1' });
    response.end('last');
  },
  async streamed(_request, response) {
    await pause(20);
    block();
    response.writeHead(200, { 'content-length': '12', 'content-encoding': 'x', 'x-kept': '1' });
    pipeline(Readable.from(['four', 'four', 'four']), response, (error) => {
      console.log('said', error?.message ?? 'done');
    });
  },
  html(request, response) {
    block();
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('content-length', PAGE.length);
    response.setHeader('etag', '"1"');
    response.end(request.url.endsWith('bytes') ? Buffer.from(PAGE) : PAGE);
  },
  htmlInPieces(_request, response) {
    response.writeHead(200, { 'Content-Type': 'text/html' });
    response.write('<body>');
    block();
    response.write('text');
    response.end('</body>');
  },
  htmlPacked(_request, response) {
    block();
    response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'x' });
    response.end(PAGE);
  },
  htmlSized(_request, response) {
    response.writeHead(200, { 'content-type': 'text/html', 'content-length': PAGE.length });
    response.flushHeaders();
    block();
    response.end(PAGE);
  },
  htmlQuick(_request, response) {
    response.setHeader('content-type', 'text/html');
    response.end(PAGE);
  },
  grpc(_request, response) {
    block();
    response.setHeader('content-type', 'application/grpc');
    response.end('grpc');
  },
};

function handle(request, response) {
  const name = request.url.slice(1).split(/[/?]/, 1)[0];
  cases[name](request, response);
}

const [protocol = 'http'] = process.argv.slice(2);
const server = (protocol === 'http' ? createServer : createServer2)(handle);
server.on('upgrade', (_request, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n');
  socket.pipe(socket);
});
server.on('connect', (_request, socket) => socket.end?.('HTTP/1.1 200 OK\r\n\r\n'));
await up();
server.listen(0, '127.0.0.1', () => console.log('port', server.address().port));
process.stdin.resume().on('end', () => process.exit());
