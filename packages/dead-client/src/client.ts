/** One watched connection: what is known of it, and when it is looked at. */

import { Pings } from './ping.js';
import type { Backend, Handle } from './sockets/reading.js';
import {
  handleOf,
  isReading,
  mayHalfClose,
  type OpenSocket,
  type Target,
} from './sockets/sockets.js';
import {
  type Death,
  judged,
  type Limits,
  type Progress,
  progressAfter,
  UNSEEN,
} from './verdict/decide.js';
import type { DeadClientReport, Endpoint } from './verdict/report.js';

/** What a look has found. */
export interface Finding extends Death {
  readonly signal: 'kernel' | 'ping';
}

/**
 * How often a connection is looked at that sends nothing and reads, in rounds: what could happen to it,
 * Node notices itself.
 */
const IDLE_ROUNDS = 30;

let made = 0;

/** Of two sockets with the same descriptor, the one that is over TLS. */
function above(one: OpenSocket, other: OpenSocket): OpenSocket {
  return other._parent ? other : one;
}

export class Client {
  readonly handle: Handle;
  socket: OpenSocket;
  pings: Pings | null;
  meta: unknown;
  graceMs: number;
  /** Set before the connection is touched. */
  dead: DeadClientReport | null = null;
  progress: Progress = UNSEEN;
  /** Asked early: the kernel forgets the peer of a connection that was reset. */
  readonly remote: Endpoint;
  readonly #identity: number | bigint | null;
  #bytesWritten = -1;
  /** Spreads the looks at idle connections over the rounds. */
  #rounds = made++ % IDLE_ROUNDS;

  constructor(target: Target, handle: Handle, backend: Backend, graceMs: number, meta: unknown) {
    this.handle = handle;
    this.socket = target.socket;
    this.pings = null;
    this.upgrade(target);
    const { remoteAddress: address = null, remotePort: port = null } = target.socket;
    this.remote = { address, port };
    this.graceMs = graceMs;
    this.meta = meta;
    this.#identity = backend.identity(handle);
  }

  /** The same connection under another object: the TLS socket over it, its HTTP/2 session. */
  upgrade({ socket, session, stream }: Target): void {
    if (session !== null) {
      this.socket = socket;
      this.pings ??= new Pings(session);
      if (stream !== null) this.pings.add(stream);
    } else if (this.pings === null && handleOf(socket) === this.handle && socket !== this.socket) {
      this.socket = above(this.socket, socket);
    }
  }

  /** Whether there is nothing to watch any more. */
  get isOver(): boolean {
    return this.socket.destroyed || handleOf(this.socket) !== this.handle;
  }

  /** Whether something has waited for it, or it was not there any more, when it was looked at. */
  get isWaitedFor(): boolean {
    const { queued, closedMs, failedMs } = this.progress;
    const unansweredMs = this.pings?.unansweredMs ?? 0;
    return !this.isOver && (queued > 0 || closedMs > 0 || failedMs > 0 || unansweredMs > 0);
  }

  /** Whether the descriptor is still the connection that was watched: asked before it is touched. */
  isSame(backend: Backend): boolean {
    return this.#identity !== null && backend.identity(this.handle) === this.#identity;
  }

  /**
   * Looks at the connection.
   *
   * @param elapsedMs since the last look
   * @returns what is wrong with it, or null
   */
  observe(backend: Backend, elapsedMs: number, limits: Limits): Finding | null {
    this.pings?.observe(elapsedMs);
    if (!this.#isIdle()) {
      const own = { ...limits, graceMs: this.graceMs };
      const reading = backend.read(this.handle);
      this.#bytesWritten = this.handle.bytesWritten;
      this.progress = progressAfter(this.progress, reading, elapsedMs, mayHalfClose(this.socket));
      const death = judged(this.progress, own);
      if (death !== null) return { ...death, signal: 'kernel' };
    }
    const unansweredMs = this.pings?.unansweredMs ?? 0;
    if (unansweredMs < this.graceMs) return null;
    return { cause: 'zero-window', stallMs: unansweredMs, allowedMs: this.graceMs, signal: 'ping' };
  }

  /** Nothing is on its way, nothing was written since the last look, and Node would see its end. */
  #isIdle(): boolean {
    const { queued, acked, closedMs, failedMs } = this.progress;
    if (acked === null || queued > 0 || closedMs > 0 || failedMs > 0) return false;
    if (this.handle.bytesWritten !== this.#bytesWritten) return false;
    if (!isReading(this.socket, this.handle, this.pings !== null)) return false;
    this.#rounds = (this.#rounds + 1) % IDLE_ROUNDS;
    return this.#rounds !== 0;
  }
}
