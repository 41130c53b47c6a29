/**
 * What is known of Node's sockets besides their documentation, all of it in this file: handles, the
 * sockets below TLS, and what ws and node:http keep on a socket. Each use is made only where the
 * thing is there, on Node 20 to 26.
 */
import type { ServerResponse } from 'node:http';
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Handle } from './reading.js';

/** A socket of node:net or node:tls, with its handle. */
export interface OpenSocket extends Socket {
  readonly _handle?: Handle | null;
  /** The socket below, of a TLS socket. */
  readonly _parent?: OpenSocket | null;
  /** The response under way, of a server's HTTP connection. */
  readonly _httpMessage?: ServerResponse | null;
  readonly server?: object | null;
  /** Set, it makes node:net close by a reset. */
  resetAndClosing?: boolean;
}

/** A WebSocket of the package ws. */
interface WsSocket {
  readonly _socket: OpenSocket | null;
  _closeMessage?: Buffer;
}

/** What can be watched. */
export interface Target {
  readonly socket: OpenSocket;
  readonly session: ServerHttp2Session | null;
  /** The one of its streams that was given. */
  readonly stream: ServerHttp2Stream | null;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

function isSession(value: unknown): value is ServerHttp2Session {
  return isObject(value) && typeof value.ping === 'function' && typeof value.goaway === 'function';
}

function isSocket(value: unknown): value is OpenSocket {
  return isObject(value) && '_handle' in value && typeof value.destroy === 'function';
}

/**
 * The socket of a socket, a request, a response, an HTTP/2 session or stream, or a WebSocket of ws.
 *
 * @returns null where it has none any more, undefined where it is none of these
 */
export function targetOf(value: unknown): Target | null | undefined {
  if (!isObject(value)) return undefined;
  if (isSession(value)) return targetOfSession(value, null);
  if (isSocket(value)) return { socket: value, session: null, stream: null };
  // A stream of HTTP/2, and the compatibility API's request and response.
  const stream = isObject(value.stream) ? value.stream : value;
  if (isObject(stream) && 'session' in stream && 'sentHeaders' in stream) {
    return isSession(stream.session)
      ? targetOfSession(stream.session, stream as unknown as ServerHttp2Stream)
      : null;
  }
  // ws, then node:http.
  const socket = '_socket' in value ? value._socket : value.socket;
  if (isSocket(socket)) return { socket, session: null, stream: null };
  return '_socket' in value || 'socket' in value ? null : undefined;
}

function targetOfSession(session: ServerHttp2Session, stream: ServerHttp2Stream | null) {
  if (session.destroyed || session.socket === undefined) return null;
  return { socket: session.socket as OpenSocket, session, stream };
}

/** The property whose key is a symbol of this description: how Node and ws keep what is their own. */
function namedBySymbol(object: object, description: string): unknown {
  const key = Object.getOwnPropertySymbols(object).find((one) => one.description === description);
  return key === undefined ? undefined : (object as Record<symbol, unknown>)[key];
}

/** The handle that has the descriptor: below TLS, or null where there is none. */
export function handleOf(socket: OpenSocket): Handle | null {
  let handle = socket._handle ?? null;
  while (handle?._parent) handle = handle._parent;
  // Read once: it is a call into Node, and this is asked of every connection at every look.
  const fd = handle?.fd;
  return typeof fd === 'number' && fd >= 0 ? handle : null;
}

/**
 * Whether Node itself would notice the end of the connection: of one whose program does not read, Node
 * has read the end as well, and keeps it behind what is left to read. Sessions of HTTP/2 always read.
 */
export function isReading(socket: OpenSocket, handle: Handle, isSession: boolean): boolean {
  if (socket._handle?.reading !== true || handle.reading !== true) return false;
  return isSession || socket.readableFlowing === true;
}

/** Whether the program wants its clients to be able to end their side first. */
export function mayHalfClose({ allowHalfOpen, server, readableEnded }: OpenSocket): boolean {
  // Whoever has read the end knows of it.
  if (readableEnded) return true;
  // A server of HTTP allows it in node:net and refuses it in node:http.
  if (isObject(server) && 'httpAllowHalfOpen' in server) return server.httpAllowHalfOpen === true;
  return allowHalfOpen === true;
}

/** Bytes that wait in JavaScript and in libuv. */
export function pendingBytes(socket: OpenSocket, handle: Handle): number {
  return Math.max(socket.writableLength ?? 0, handle.writeQueueSize);
}

/** The response of node:http that is being written to a socket. */
export function responseOn({ _httpMessage }: OpenSocket): ServerResponse | null {
  return _httpMessage ?? null;
}

/** The response of HTTP/2's compatibility API that is written to a stream. */
export function responseTo(stream: object): NodeJS.EventEmitter | null {
  return (namedBySymbol(stream, 'response') as NodeJS.EventEmitter | undefined) ?? null;
}

/** Says in the `close` event of the WebSocket on this socket, if there is one, why it was closed. */
export function giveCloseReason(socket: OpenSocket, reason: string): void {
  const webSocket = namedBySymbol(socket, 'websocket') as WsSocket | undefined;
  // Only where nothing else has been said.
  if (webSocket?._closeMessage?.length === 0) webSocket._closeMessage = Buffer.from(reason);
}

/**
 * Lets the write under way fail with our error: by itself it would report success on Node 20, and
 * ECANCELED later.
 */
export function failWriteUnderWay(stream: object, error: Error): void {
  const state = (stream as { _writableState?: { writecb?: unknown } })._writableState;
  const callback = state?.writecb;
  if (state === undefined || typeof callback !== 'function') return;
  state.writecb = () => callback(error);
}

/** Makes node:net's own close a reset, where there is no other way. */
export function resetAtClose(socket: OpenSocket): void {
  const below = socket._parent ?? socket;
  below.resetAndClosing = true;
}
