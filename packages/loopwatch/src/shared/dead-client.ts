/** A dead client, as `@loopwatch/dead-client` reports it: the part that is read here. */

/** Where it publishes its reports, and how many sockets it watches. */
export const DEAD_CLIENT_CHANNEL = 'loopwatch:dead-client';
export const WATCHED_SOCKETS_CHANNEL = 'loopwatch:watched-sockets';

export interface DeadClient {
  /** 32 hex digits. */
  readonly id: string;
  /** ISO 8601. */
  readonly detectedAt: string;
  readonly cause: string;
  /** All of it in one sentence. */
  readonly message: string;
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

/** A published report in a form that other threads and logs take; null when it is none. */
export function deadClientFrom(message: unknown): DeadClient | null {
  const report = message as Partial<DeadClient> | null;
  const { id, detectedAt, cause } = report ?? {};
  const texts = [id, detectedAt, cause, report?.message];
  if (texts.some((text) => typeof text !== 'string')) return null;
  return { ...(report as DeadClient), meta: plainMeta(report?.meta) };
}
