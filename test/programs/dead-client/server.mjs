/**
 * A server under the watchdog of dead clients, until standard input ends: `node server.mjs JSON`, with
 *
 * - transport: 'tcp', 'tls', 'http', 'ws', 'h2c' or 'h2';
 * - does: what it does with each connection ('pour', 'trickle', 'greet', 'wait', 'deaf', 'blocks',
 *   'blocks-for-long');
 * - watchdog: the options of the watchdog; null for a server without one.
 *
 * Prints `port <n>`, `backend <name>`, `dead <report>`, for each connection that poured `ended <the
 * codes that its writes and its waits failed with>`, for each that it lets wait `waits true`, after each
 * time it has blocked itself `blocked <ms>`, and `memory <bytes in JavaScript> <resident>` when a line
 * comes in.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server, createSecureServer } from 'node:http2';
import { createServer as createTcpServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { createClientWatchdog } from '@loopwatch/dead-client';
import { WebSocketServer } from 'ws';

const { transport, does, watchdog, host = '127.0.0.1' } = JSON.parse(process.argv[2]);
const chunk = Buffer.alloc(256 * 1024);
const say = (word, value) => console.log(word, JSON.stringify(value));

/** More than fits between a server and a client that does not read: at most 4 + 6 MiB on Linux. */
const FILLING = 64;

/** Time between two chunks: short until everything is full, and longer then, to leave others some CPU. */
const pace = (chunks) => sleep(chunks < FILLING ? 20 : 100);

/** Writes for ever, no faster than the client reads, like any program that respects backpressure. */
async function pour(stream, closing) {
  const codes = { write: null, drain: null };
  const failed = (error) => {
    codes.write ??= error?.code ?? null;
  };
  closing.once('close', (_, reason) => {
    // What is told of the end comes in the same turn.
    setTimeout(() => say('ended', { ...codes, reason: reason?.toString() ?? null }), 50);
  });
  try {
    for (let chunks = 0; !stream.destroyed; chunks++) {
      if (!stream.write(chunk, failed)) await once(stream, 'drain');
      await pace(chunks);
    }
  } catch (error) {
    codes.drain = error.code;
  }
}

/** What `ws` has instead of a stream. */
function overWebSocket(socket) {
  return {
    get destroyed() {
      return socket.readyState !== 1;
    },
    write(data, done) {
      this.sent = new Promise((resolve, reject) => {
        socket.send(data, (error) => {
          done?.(error);
          if (error) reject(error);
          else resolve();
        });
      });
      this.sent.catch(() => {});
      return false;
    },
  };
}

async function pourWebSocket(socket) {
  const stream = overWebSocket(socket);
  const codes = { write: null, drain: null };
  socket.once('close', (_, reason) => say('ended', { ...codes, reason: reason.toString() }));
  try {
    for (let chunks = 0; !stream.destroyed; chunks++) {
      stream.write(chunk, (error) => {
        codes.write ??= error?.code ?? null;
      });
      await stream.sent;
      await pace(chunks);
    }
  } catch (error) {
    codes.drain = error.code;
  }
}

function block(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Whether a stream has taken all that fits, or as much: it has stood still for five looks then. */
async function filled(stream) {
  let [taken, looks] = [-1, 0];
  while (!stream.destroyed && looks < 5 && stream.bytesWritten < FILLING * chunk.length) {
    looks = stream.bytesWritten === taken ? looks + 1 : 0;
    taken = stream.bytesWritten;
    await sleep(50);
  }
}

/** Connections that are being filled: a loop that is blocked all the time would do that for minutes. */
let filling = 0;
let isBlocking = false;
async function pourAndBlock(stream, closing, ms) {
  behaviours.pour(stream, closing);
  filling++;
  await filled(stream);
  filling--;
  if (isBlocking || filling > 0) return;
  isBlocking = true;
  for (;;) {
    block(ms);
    say('blocked', ms);
    await sleep(100);
  }
}

const behaviours = {
  pour: (stream, closing) => {
    closing.resume?.();
    void pour(stream, closing);
  },
  /** 5 KB a second. */
  trickle(stream, closing) {
    closing.resume?.();
    const timer = setInterval(() => stream.write(chunk.subarray(0, 1024)), 200);
    closing.once('close', () => clearInterval(timer));
  },
  /** One message, and then nothing. */
  greet(stream, closing) {
    closing.resume?.();
    stream.write('hello');
  },
  /** Neither reads nor writes. */
  wait(_, closing) {
    closing.pause();
    say('waits', true);
  },
  /** Does not read, and the client can only read once it has sent everything. */
  deaf(stream, closing) {
    closing.pause();
    void pour(stream, closing);
  },
  /** Pours, and blocks its loop for most of the time. */
  blocks: (stream, closing) => pourAndBlock(stream, closing, 1500),
  /** The same, for longer than the grace. */
  'blocks-for-long': (stream, closing) => pourAndBlock(stream, closing, 4000),
};

const credentials = () => ({
  key: readFileSync(new URL('../../fixtures/loopback-key.pem', import.meta.url)),
  cert: readFileSync(new URL('../../fixtures/loopback-cert.pem', import.meta.url)),
});

const behave = (socket) => behaviours[does](socket, socket);
const answer = (stream) => {
  stream.respond();
  behave(stream);
};
const servers = {
  // Most such programs listen for errors; this one shows that it does not have to.
  tcp: () => createTcpServer({ pauseOnConnect: true }, behave),
  tls: () => createTlsServer(credentials(), behave),
  http: () => createHttpServer((_, response) => behaviours[does](response, response)),
  ws: () => createHttpServer(),
  h2c: () => createHttp2Server().on('stream', answer),
  h2: () => createSecureServer(credentials()).on('stream', answer),
};

const server = servers[transport]();
let attached = server;
if (transport === 'ws') {
  attached = new WebSocketServer({ server });
  attached.on(
    'connection',
    does === 'pour' ? pourWebSocket : (socket) => behaviours[does](overWebSocket(socket), socket),
  );
}

if (watchdog !== null) {
  const watching = createClientWatchdog({ ...watchdog, onDead: (report) => say('dead', report) });
  await watching.ready;
  console.log('backend', watching.status.backend);
  watching.attach(attached);
}
server.on('sessionError', () => {});
server.listen(0, host, () => console.log('port', server.address().port));

process.stdin.setEncoding('utf8');
process.stdin.on('data', () => {
  const { rss, arrayBuffers } = process.memoryUsage();
  say('memory', { rss, arrayBuffers });
});
process.stdin.on('end', () => process.exit());
