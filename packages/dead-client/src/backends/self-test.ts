/**
 * Asks a backend about a connection of our own over loopback, of which all numbers are known: a
 * sandbox (gVisor) or another runtime may have the calls and answer nonsense.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import * as timers from 'node:timers';
import { type Backend, type Reading, TcpState } from '../sockets/reading.js';
import { handleOf, type OpenSocket } from '../sockets/sockets.js';

const { setTimeout, clearTimeout } = timers;

/** Far more than loopback takes, with a loop that is busy starting a program. */
const DEADLINE_MS = 10_000;

const LOOK_AGAIN_MS = 5;

/**
 * More than a client that reads nothing accepts (64 to 128 KiB) and less than a socket's buffer
 * holds, so that the rest waits in the kernel.
 */
const SENT = 512 * 1024;

/** What the client sends and the server does not read. */
const UNREAD = 5;

/** A connected pair: the server's end, and the client's, both paused. */
interface Pair {
  readonly server: Socket;
  readonly client: Socket;
  close(): void;
}

/**
 * Under Node's permission model, listening is refused in a turn in which nobody could catch it, and
 * connecting by an event. Whether the right to the network is one that this release knows it does not
 * tell, so a connection is tried to a port on which nothing listens.
 *
 * @throws when nothing may connect
 */
async function requireNetwork(signal: AbortSignal): Promise<void> {
  if (!('permission' in process) || process.permission === undefined) return;
  const probe = connect({ port: 1, host: '127.0.0.1' });
  try {
    await once(probe, 'connect', { signal });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_ACCESS_DENIED') throw error;
  } finally {
    probe.destroy();
  }
}

async function pair(signal: AbortSignal): Promise<Pair> {
  await requireNetwork(signal);
  const listener = createServer({ pauseOnConnect: true }).unref();
  // Not through the primary of a cluster.
  listener.listen({ port: 0, host: '127.0.0.1', exclusive: true });
  await once(listener, 'listening', { signal });
  const { port } = listener.address() as { port: number };
  const accepted = once(listener, 'connection', { signal });
  const client = connect({
    port,
    host: '127.0.0.1',
    onread: { buffer: Buffer.alloc(1), callback: () => false },
  });
  client.unref().on('error', () => {});
  const [server] = (await accepted) as [Socket];
  server.unref().on('error', () => {});
  return {
    server,
    client,
    close() {
      listener.close();
      server.resetAndDestroy();
      client.destroy();
    },
  };
}

/** What is wrong with a reading of the server's end; null when it is right. */
export function flaw(
  reading: Reading | null,
  before: Reading | null,
  given: number,
): string | null {
  if (reading === null || before === null) return 'a socket could not be read';
  if (reading.state !== TcpState.established)
    return `an open connection has state ${reading.state}`;
  if (reading.unread !== UNREAD) return `${UNREAD} unread bytes were read as ${reading.unread}`;
  const acked = reading.acked - before.acked;
  if (reading.queued === 0) return 'a client that reads nothing has no send queue';
  if (acked <= 0) return 'nothing counts as acknowledged';
  if (acked + reading.queued !== given) {
    return `${given} bytes were read as ${acked} acknowledged and ${reading.queued} queued`;
  }
  return null;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms).unref());
}

/**
 * @returns why the backend is of no use here; null when it reads what is so
 */
export async function selfTest(backend: Backend): Promise<string | null> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), DEADLINE_MS).unref();
  let open: Pair | undefined;
  try {
    open = await pair(abort.signal);
    const { server, client } = open;
    const handle = handleOf(server as OpenSocket);
    if (handle === null) return 'a socket has no descriptor';
    backend.begin();
    const before = backend.read(handle);
    client.write(Buffer.alloc(UNREAD));
    server.write(Buffer.alloc(SENT));
    let problem: string | null = 'it was never asked';
    while (!abort.signal.aborted) {
      backend.begin();
      problem = flaw(backend.read(handle), before, SENT - handle.writeQueueSize);
      if (problem === null) return null;
      // What was sent may still be on its way.
      await sleep(LOOK_AGAIN_MS);
    }
    return problem;
  } catch (error) {
    if (abort.signal.aborted) return 'no connection over loopback in time';
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
    open?.close();
  }
}
