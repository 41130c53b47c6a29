/** Watching every connection of a server. */
import type { EventEmitter } from 'node:events';

/** Takes what a server has accepted. */
export type Taker = (connection: object) => void;

interface WebSocketServer extends EventEmitter {
  readonly clients?: Iterable<object>;
}

const has = (value: object, name: string) =>
  typeof (value as Record<string, unknown>)[name] === 'function';

/**
 * The events by which a server hands out what lies over its plain connections: the TLS sockets and
 * the sessions of HTTP/2 then stand for their sockets.
 */
export function sessionEventsOf(server: object): string[] {
  const isTls = has(server, 'setSecureContext');
  // Only HTTP/2's servers have settings.
  const isHttp2 = has(server, 'updateSettings');
  // The stream, because of sessions that were there before us.
  return [...(isTls ? ['secureConnection'] : []), ...(isHttp2 ? ['session', 'stream'] : [])];
}

/** The events by which a server hands out all its connections. */
function eventsOf(server: object): string[] {
  const events = sessionEventsOf(server);
  return events.includes('secureConnection') ? events : ['connection', ...events];
}

/** Whether it is a server of node:net and what builds on it, or of ws. */
export function isServer(value: unknown): value is EventEmitter {
  if (typeof value !== 'object' || value === null || !has(value, 'on')) return false;
  return (has(value, 'listen') && has(value, 'getConnections')) || has(value, 'handleUpgrade');
}

/**
 * @param events by which the server hands out what is to be taken
 * @returns a function that stops it; what is watched stays so
 */
export function attachTo(
  server: EventEmitter,
  take: Taker,
  events: readonly string[] = eventsOf(server),
): () => void {
  for (const client of (server as WebSocketServer).clients ?? []) take(client);
  for (const event of events) server.on(event, take);
  return () => {
    for (const event of events) server.off(event, take);
  };
}
