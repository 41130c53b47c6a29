/** Watching every connection that any server of this process accepts. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { attachTo, isServer, type Taker } from './attach.js';

/** Node publishes each accepted socket of node:net here, after the server's own `connection` event. */
const CHANNEL = 'net.server.socket';

interface Accepted {
  readonly socket: object & { readonly server?: unknown };
}

/**
 * Takes every accepted connection from now on.
 *
 * @returns a function that stops it
 */
export function takeAccepted(take: Taker): () => void {
  const servers = new WeakSet<object>();
  const detachers: (() => void)[] = [];
  const onSocket = (message: unknown) => {
    const { socket } = message as Accepted;
    take(socket);
    const { server } = socket;
    if (!isServer(server) || servers.has(server)) return;
    // Its TLS sockets and sessions are only known to the server; this connection's come later.
    servers.add(server);
    detachers.push(attachTo(server, take));
  };
  subscribe(CHANNEL, onSocket);
  return () => {
    unsubscribe(CHANNEL, onSocket);
    for (const detach of detachers) detach();
  };
}
