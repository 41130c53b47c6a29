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
 * The events by which a server hands out its connections: those of TLS and HTTP/2 come on top of the
 * plain ones, whose sockets the TLS sockets and the sessions then stand for.
 */
function eventsOf(server: object): string[] {
  const isTls = has(server, 'setSecureContext');
  // Only HTTP/2's servers have settings.
  const isHttp2 = has(server, 'updateSettings');
  // The stream, because of sessions that were there before us.
  return [isTls ? 'secureConnection' : 'connection', ...(isHttp2 ? ['session', 'stream'] : [])];
}

/** Whether it is a server of node:net and what builds on it, or of ws. */
export function isServer(value: unknown): value is EventEmitter {
  if (typeof value !== 'object' || value === null || !has(value, 'on')) return false;
  return (has(value, 'listen') && has(value, 'getConnections')) || has(value, 'handleUpgrade');
}

/**
 * @returns a function that stops it; what is watched stays so
 */
export function attachTo(server: EventEmitter, take: Taker): () => void {
  for (const client of (server as WebSocketServer).clients ?? []) take(client);
  const events = eventsOf(server);
  for (const event of events) server.on(event, take);
  return () => {
    for (const event of events) server.off(event, take);
  };
}
