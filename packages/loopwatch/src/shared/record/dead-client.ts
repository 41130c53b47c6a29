/** A dead client, as `@loopwatch/dead-client` reports it: the part that is read here. */

import type { BlockRecord } from './record.js';

/** Where it publishes its reports, and how many sockets it watches. */
export const DEAD_CLIENT_CHANNEL = 'loopwatch:dead-client';
export const WATCHED_SOCKETS_CHANNEL = 'loopwatch:watched-sockets';

export interface DeadClient {
  readonly kind: 'dead-client';
  /** 32 hex digits. */
  readonly id: string;
  /** ISO 8601. */
  readonly detectedAt: string;
  readonly cause: string;
  /** All of it in one sentence. */
  readonly message: string;
  /** Whether it was found by a process that has ended since. */
  readonly previousProcess: boolean;
  /** Who has found it; added on its way out of the process. */
  readonly process?: BlockRecord['process'];
  /** Whatever else it says. */
  readonly [field: string]: unknown;
}

/** The causes; whatever else there may be is counted as the last. */
const CAUSES = ['zero-window', 'unreachable', 'peer-closed', 'fd-error', 'other'] as const;

/** The values of the label `cause`. */
export type DeadClientCause = (typeof CAUSES)[number];

export function causeOf({ cause }: DeadClient): DeadClientCause {
  return CAUSES.find((known) => known === cause) ?? 'other';
}

/** More than a session's name and number; a whole session does not belong into a log line. */
const MOST_META = 2000;

/** What a program has given to `watch`, as far as it can be written down. */
function plainMeta(meta: unknown): unknown {
  try {
    const text = JSON.stringify(meta) ?? 'null';
    return text.length > MOST_META ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** A connection that something waits for, as it is while it is watched. */
export interface WaitedFor {
  /** Address and port. */
  readonly remote: string;
  /** Bytes in the kernel that the client has not acknowledged. */
  readonly queuedBytes: number;
  /** Bytes that wait in the process. */
  readonly pendingBytes: number;
  /** For how long nothing has moved. */
  readonly stallMs: number;
  /** What it would be dead of; null while it moves. */
  readonly cause: string | null;
  readonly meta: unknown;
}

/** More than these nobody reads, and they come every second. */
const MOST_WAITED_FOR = 100;

/** What one watchdog says; nothing where it is of another version. */
function askedFor(waiting: unknown): readonly WaitedFor[] {
  try {
    const worst = (waiting as () => readonly WaitedFor[])().slice(0, MOST_WAITED_FOR);
    return worst.map((one) => ({ ...one, meta: plainMeta(one.meta) }));
  } catch {
    return [];
  }
}

/**
 * Asks for what was published with the numbers of sockets, in a form that other threads take.
 *
 * @param waiting what each watchdog gives to be asked by
 */
export function waitedForFrom(waiting: readonly unknown[]): WaitedFor[] {
  const all = waiting.flatMap(askedFor);
  return all.sort((one, other) => other.stallMs - one.stallMs).slice(0, MOST_WAITED_FOR);
}

/** A published report in a form that other threads and logs take; null when it is none. */
export function deadClientFrom(message: unknown): DeadClient | null {
  const report = message as Partial<DeadClient> | null;
  const { id, detectedAt, cause } = report ?? {};
  const texts = [id, detectedAt, cause, report?.message];
  if (texts.some((text) => typeof text !== 'string')) return null;
  const meta = plainMeta(report?.meta);
  return { ...(report as DeadClient), kind: 'dead-client', previousProcess: false, meta };
}
