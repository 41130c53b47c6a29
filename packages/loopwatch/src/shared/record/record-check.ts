/** Whether something read from a disk is a record: half of one, or another version's, must harm nobody. */

import type { SentryParcel } from '../sentry/sentry.js';
import type { DeadClient } from './dead-client.js';
import { type BlockRecord, SCHEMA, type Unconfirmed } from './record.js';
import type { Reported } from './reported.js';

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const flag: Check = (value) => typeof value === 'boolean';

function orNull(check: Check): Check {
  return (value) => value === null || check(value);
}

function oneOf(...allowed: readonly string[]): Check {
  return (value) => allowed.includes(value as string);
}

function list(check: Check, most: number): Check {
  return (value) => Array.isArray(value) && value.length <= most && value.every(check);
}

function fields(checks: Readonly<Record<string, Check>>): Check {
  const all = Object.entries(checks);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    return all.every(([name, check]) => check((value as Record<string, unknown>)[name]));
  };
}

const place = {
  function: orNull(text),
  file: orNull(text),
  line: orNull(number),
  column: orNull(number),
};

const stack = fields({
  count: number,
  frames: list(fields({ ...place, inApp: flag, async: flag }), 1000),
});

const id: Check = (value) => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);
const date: Check = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));

const process = fields({ pid: number, node: text, host: text, uptimeMs: number });

const deadClient = fields({
  kind: oneOf('dead-client'),
  id,
  detectedAt: date,
  cause: text,
  message: text,
  process,
  previousProcess: flag,
});

const block = fields({
  schema: (value) => value === SCHEMA,
  id,
  kind: oneOf('block', 'hang', 'cumulative'),
  startedAt: date,
  durationMs: number,
  thresholdMs: number,
  ended: flag,
  cause: oneOf('javascript', 'native', 'sync-io', 'gc', 'module-load', 'unknown'),
  thread: fields({ id: number, name: text }),
  culprit: orNull(
    fields({ ...place, package: orNull(text), precision: oneOf('exact', 'caller', 'none') }),
  ),
  samples: fields({ count: number, stacks: list(stack, 1000) }),
  invoker: text,
  request: orNull(
    fields({
      id: orNull(text),
      method: orNull(text),
      route: orNull(text),
      path: orNull(text),
      startedAt: text,
    }),
  ),
  delayed: orNull(fields({ requests: number })),
  trace: orNull(fields({ traceId: text, spanId: text })),
  gc: orNull(fields({ count: number, ms: number })),
  cpu: orNull(fields({ userMs: number, systemMs: number, state: orNull(text) })),
  process,
  // Missing in early records.
  profile: (value) => value === undefined || orNull(text)(value),
  previousProcess: flag,
  scope: orNull(text),
  suppressed: number,
});

const unconfirmed = fields({
  reason: oneOf('suspended', 'starved', 'debugger', 'paused', 'exiting'),
  durationMs: number,
  thread: fields({ id: number, name: text }),
});

/** Whether it has all that a record of this schema has. */
export function isRecord(value: unknown): value is BlockRecord {
  return block(value);
}

/** Whether it is a late beat that was no block, as the log has them. */
export function isUnconfirmed(value: unknown): value is Unconfirmed {
  return unconfirmed(value);
}

const plain = (value: unknown) => text(value) || number(value) || flag(value);
const table = (check: Check): Check => {
  return (value) => fields({})(value) && Object.values(value as object).every(check);
};

const parcel = fields({
  target: fields({
    dsn: text,
    release: orNull(text),
    environment: text,
    dist: orNull(text),
    tunnel: orNull(text),
    proxy: orNull(text),
    caCerts: orNull(text),
    headers: table(text),
    sampleRate: number,
    ignoreErrors: list(text, 1000),
  }),
  detail: oneOf('full', 'minimal'),
  scope: orNull(
    fields({
      user: orNull(table(plain)),
      tags: table(plain),
      breadcrumbs: list(table(plain), 1000),
      transaction: orNull(text),
    }),
  ),
  debugIds: orNull(table(text)),
});

/** What a file of the journal holds: the record, and how it goes to Sentry. */
export interface JournalEntry {
  readonly record: Reported;
  /** Null when it was not known, or where there was no Sentry. */
  readonly sentry: SentryParcel | null;
}

/** The text of a journal file: the record's own JSON, with `sentry` where there is one. */
export function formatEntry({ record, sentry }: JournalEntry): string {
  return JSON.stringify(sentry === null ? record : { ...record, sentry });
}

function parcelOf(value: unknown): SentryParcel | null {
  return parcel(value) ? (value as SentryParcel) : null;
}

/** What such a text holds, or null when it holds no record of this schema. */
export function parseEntry(text: string): JournalEntry | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (deadClient(value)) {
    const { sentry, ...record } = value as DeadClient & { sentry?: unknown };
    return { record, sentry: parcelOf(sentry) };
  }
  if (!block(value)) return null;
  const { sentry, ...rest } = value as BlockRecord & { sentry?: unknown };
  return { record: { ...rest, profile: rest.profile ?? null }, sentry: parcelOf(sentry) };
}
