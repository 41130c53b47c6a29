/** Watching every connection that any server of this process accepts. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { EventEmitter } from 'node:events';
import { attachTo, isServer, sessionEventsOf, type Taker } from './attach.js';

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
  /** By server, as long as it is open: a program may make many. */
  const detachers = new Map<object, () => void>();
  const attach = (server: EventEmitter) => {
    const detach = attachTo(server, take, sessionEventsOf(server));
    const forget = () => {
      detach();
      server.off('close', forget);
      detachers.delete(server);
    };
    server.on('close', forget);
    detachers.set(server, forget);
  };
  const onSocket = (message: unknown) => {
    const { socket } = message as Accepted;
    take(socket);
    const { server } = socket;
    if (!isServer(server) || detachers.has(server)) return;
    // Its TLS sockets and sessions are only known to the server; this connection's come later.
    if (sessionEventsOf(server).length > 0) attach(server);
  };
  subscribe(CHANNEL, onSocket);
  return () => {
    unsubscribe(CHANNEL, onSocket);
    for (const detach of detachers.values()) detach();
  };
}
