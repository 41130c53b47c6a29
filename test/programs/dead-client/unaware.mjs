/**
 * A server that knows nothing of dead clients, with a client of its own that is frozen as soon as it
 * reads: `node unaware.mjs http|h2c [worker|cluster]`, until standard input ends. The server is in the
 * main thread, in a worker thread, or in the worker process of a cluster. Prints `frozen`, and `closed`
 * when the connection is.
 */
import { spawn } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, Worker } from 'node:worker_threads';

const [, , protocol, place] = process.argv;
const chunk = Buffer.alloc(256 * 1024);

async function pour(response) {
  response.once('close', () => console.log('closed'));
  try {
    while (!response.destroyed) {
      if (!response.write(chunk)) await once(response, 'drain');
      await sleep(10);
    }
  } catch {
    // Nobody is left to tell.
  }
}

async function serve() {
  const server = protocol === 'h2c' ? createHttp2Server() : createServer();
  server.on('request', (_, response) => void pour(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const url = `http://127.0.0.1:${server.address().port}`;
  const get =
    protocol === 'h2c'
      ? `const read = require('http2').connect('${url}').request();`
      : `const read = require('http').get('${url}').on('response', (body) => body.resume());`;
  const reader = `
    ${get}
    read.on('error', () => {});
    read.once('${protocol === 'h2c' ? 'data' : 'response'}', () => setTimeout(() => process.send('reads'), 100));
    read.resume?.();
  `;
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^LOOPWATCH|^NODE_/.test(name)),
  );
  const client = spawn(process.execPath, ['-e', reader], {
    env,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  process.on('exit', () => client.kill('SIGKILL'));
  await once(client, 'message');
  client.kill('SIGSTOP');
  console.log('frozen');
}

if (place === 'worker' && isMainThread) {
  new Worker(new URL(import.meta.url), { argv: [protocol, place] });
} else if (place === 'cluster' && cluster.isPrimary) {
  // It ends with us.
  cluster.fork();
} else {
  await serve();
}
if (isMainThread) process.stdin.resume().on('end', () => process.exit());
