/** The finished record of a dead client, as callbacks, channels and logs get it. */
import type { DeathCause } from './decide.js';

/** One end of a connection; null where the socket did not know it any more. */
export interface Endpoint {
  readonly address: string | null;
  readonly port: number | null;
}

export interface DeadClientReport {
  readonly schema: 1;
  readonly kind: 'dead-client';
  /** 32 hex digits. */
  readonly id: string;
  /** ISO 8601. */
  readonly detectedAt: string;
  readonly cause: DeathCause;
  /** All of it in one sentence. */
  readonly message: string;
  /** What has shown it: the kernel's counters, or an HTTP/2 ping that was not answered. */
  readonly signal: 'kernel' | 'ping';
  /** For how long nothing has moved, in ms, without time in which our own loop did not turn. */
  readonly stallMs: number;
  /** For how long it might have been, in ms: the grace, or more for a client that has paused before. */
  readonly allowedMs: number;
  /** Whether the connection was freed, or only reported. */
  readonly action: 'reset' | 'report';
  /** Bytes in the kernel that the client has not acknowledged. */
  readonly queuedBytes: number;
  /** Bytes that wait in the process. */
  readonly pendingBytes: number;
  readonly protocol: 'tcp' | 'tls' | 'http2';
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** How the counters were read. */
  readonly backend: 'koffi' | 'proc';
  /** What `watch` was given. */
  readonly meta: unknown;
}

const size = (bytes: number): string => {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 2 ** 20
    ? `${Math.round(bytes / 1024)} KiB`
    : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
};

const WHAT: Record<DeathCause, string> = {
  'zero-window': 'does not read any more',
  unreachable: 'does not answer any more',
  'peer-closed': 'has closed the connection',
  'fd-error': 'has a connection that can not be read any more',
};

/** A report in one sentence. */
export function sentence(report: Omit<DeadClientReport, 'message'>): string {
  const { cause, remote, stallMs, queuedBytes, pendingBytes, action } = report;
  const who = remote.address === null ? 'client' : `client ${remote.address}:${remote.port}`;
  const seconds = (stallMs / 1000).toFixed(1);
  const end = action === 'reset' ? '; its connection was reset' : '';
  return `${who} ${WHAT[cause]} (${cause}, ${seconds} s, ${size(queuedBytes + pendingBytes)} unsent)${end}`;
}
