/** The text of a journal file. */
import type { DeadClient } from '../record/dead-client.js';
import type { BlockRecord } from '../record/record.js';
import { isDeadClient, isRecord } from '../record/record-check.js';
import type { Reported } from '../record/reported.js';
import { isParcel } from '../sentry/parcel-check.js';
import type { SentryParcel } from '../sentry/sentry.js';

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
  return isParcel(value) ? value : null;
}

/** What such a text holds, or null when it holds no record of this schema. */
export function parseEntry(text: string): JournalEntry | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (isDeadClient(value)) {
    const { sentry, ...record } = value as DeadClient & { sentry?: unknown };
    return { record, sentry: parcelOf(sentry) };
  }
  if (!isRecord(value)) return null;
  const { sentry, ...rest } = value as BlockRecord & { sentry?: unknown };
  return { record: { ...rest, profile: rest.profile ?? null }, sentry: parcelOf(sentry) };
}
