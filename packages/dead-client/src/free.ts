/**
 * Frees a connection for real. A plain `destroy()` leaves up to 4 MB in the kernel for minutes,
 * `drain` waits that never settle, and on Node 20 writes that report success.
 */
import type { EventEmitter } from 'node:events';
import type { DeadClientError } from './options/errors.js';
import type { Pings } from './ping.js';
import type { Backend, Handle } from './sockets/reading.js';
import {
  failWriteUnderWay,
  giveCloseReason,
  type OpenSocket,
  resetAtClose,
  responseOn,
  responseTo,
} from './sockets/sockets.js';

/** Lets whoever waits for the stream know; a stream that nobody listens to would end the process. */
function emitError(emitter: EventEmitter, error: Error): void {
  if (emitter.listenerCount('error') > 0) process.nextTick(() => emitter.emit('error', error));
}

/** A program without a listener for errors did not expect one from us either. */
function endure(emitter: EventEmitter): void {
  if (emitter.listenerCount('error') === 0) emitter.on('error', () => {});
}

/**
 * Resets a connection: pending writes and waits for `drain` fail with the error, and the kernel drops
 * what it holds.
 *
 * @param handle the socket's, whose descriptor was looked at in this very turn
 */
export function free(
  socket: OpenSocket,
  handle: Handle,
  pings: Pings | null,
  backend: Backend,
  error: DeadClientError,
): void {
  if (!backend.linger(handle)) resetAtClose(socket);
  giveCloseReason(socket, error.message);
  if (pings === null) {
    const response = responseOn(socket);
    if (response !== null) emitError(response, error);
    failWriteUnderWay(socket, error);
    endure(socket);
    socket.destroy(error);
    return;
  }
  const { session } = pings;
  for (const stream of pings.streams()) {
    const response = responseTo(stream);
    if (response !== null) emitError(response, error);
    failWriteUnderWay(stream, error);
    endure(stream);
  }
  session.destroy(error);
}
