/** What is said of connections that are watched, dead or not. */
import type { Client } from './client.js';
import { pendingBytes } from './sockets/sockets.js';
import type { DeathCause } from './verdict/decide.js';

/** What is known of one watched connection. */
export interface ClientState {
  readonly remote: string;
  readonly queuedBytes: number;
  readonly pendingBytes: number;
  readonly stallMs: number;
  /** What it would be dead of; null while it moves. */
  readonly cause: DeathCause | null;
  readonly meta: unknown;
}

interface Suspicion {
  readonly cause: DeathCause | null;
  readonly stallMs: number;
}

function worst({ progress, pings }: Client): Suspicion {
  const { stalledMs, closedMs, failedMs, isUnanswered } = progress;
  const all: readonly Suspicion[] = [
    { cause: null, stallMs: 0 },
    { cause: 'fd-error', stallMs: failedMs },
    { cause: 'peer-closed', stallMs: closedMs },
    { cause: isUnanswered ? 'unreachable' : 'zero-window', stallMs: stalledMs },
    { cause: 'zero-window', stallMs: pings?.unansweredMs ?? 0 },
  ];
  return all.reduce((most, one) => (one.stallMs > most.stallMs ? one : most));
}

/** As they are now, those that have stalled longest first. */
export function statesOf(clients: readonly Client[]): ClientState[] {
  const states = clients.map((client) => {
    const { socket, handle, progress, pings, meta, remote } = client;
    return {
      remote: `${remote.address}:${remote.port}`,
      queuedBytes: progress.queued,
      pendingBytes: pendingBytes(socket, handle) + (pings?.pendingBytes() ?? 0),
      ...worst(client),
      meta,
    };
  });
  return states.sort((one, other) => other.stallMs - one.stallMs);
}
