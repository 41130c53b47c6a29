/**
 * What is made of Node's own sockets.
 *
 * @machine pure
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import type { Handle } from '#src/sockets/reading.js';
import { handleOf, isReading, type OpenSocket } from '#src/sockets/sockets.js';

/** The server's end of a connection. */
async function accepted(t: TestContext): Promise<{ socket: OpenSocket; handle: Handle }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const client = connect(port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  t.after(() => {
    socket.destroy();
    client.destroy();
    server.close();
  });
  return { socket, handle: handleOf(socket) as Handle };
}

describe('the end of a connection', () => {
  test('is noticed where the program reads', async (t) => {
    const { socket, handle } = await accepted(t);
    socket.resume();
    assert.equal(isReading(socket, handle, false), true);
  });

  test('is not where it has never read, or has paused', async (t) => {
    const { socket, handle } = await accepted(t);
    assert.equal(isReading(socket, handle, false), false);
    socket.resume();
    socket.pause();
    assert.equal(isReading(socket, handle, false), false);
  });

  test('is by sessions of HTTP/2, whose socket nobody reads', async (t) => {
    const { socket, handle } = await accepted(t);
    assert.equal(isReading(socket, handle, true), true);
  });
});
