/** What the kernel says of one socket at one moment, whichever way it was asked. */

/** States of a TCP socket as the kernel numbers them (include/net/tcp_states.h). */
export const TcpState = {
  established: 1,
  timeWait: 6,
  /** The kernel has given up the connection, or the peer has reset it. */
  close: 7,
  /** The peer has ended its side; ours is open. */
  closeWait: 8,
  lastAck: 9,
  closing: 11,
} as const;

/** One socket's counters. */
export interface Reading {
  /** One of {@link TcpState}, or another of the kernel's numbers. */
  readonly state: number;
  /** Bytes that the kernel holds and the peer has not acknowledged. */
  readonly queued: number;
  /** Bytes that the peer has acknowledged since the connection was made. */
  readonly acked: number;
  /** Segments delivered, counted also when they came out of order; null where that is not known. */
  readonly delivered: number | null;
  /** Bytes that the peer has sent and nobody here has read. */
  readonly unread: number;
  /** Whether the kernel waits for the peer's acknowledgements, or only for it to open its window. */
  readonly isUnanswered: boolean;
}

/** What a backend needs of a socket: libuv's handle of it, as Node keeps it in `_handle`. */
export interface Handle {
  readonly fd: number;
  /** Bytes given to libuv so far. */
  readonly bytesWritten: number;
  /** Bytes that libuv could not give to the kernel yet. */
  readonly writeQueueSize: number;
  /** False while nobody wants to read. */
  readonly reading?: boolean;
  /** The handle below that of a TLS socket. */
  readonly _parent?: Handle | null;
}

/** A way to read sockets. All of it is synchronous: an open descriptor then stays what it is. */
export interface Backend {
  readonly name: 'koffi' | 'proc';
  /** Begins a round of readings: what was read before it is not used any more. */
  begin(): void;
  /**
   * Reads one socket.
   *
   * @returns null when its descriptor could not be read
   */
  read(handle: Handle): Reading | null;
  /** What tells this descriptor's socket from all others, also from later ones of the same number. */
  identity(handle: Handle): number | bigint | null;
  /** Makes the next close of the descriptor a reset that drops what is queued; false if it can't. */
  linger(handle: Handle): boolean;
}
