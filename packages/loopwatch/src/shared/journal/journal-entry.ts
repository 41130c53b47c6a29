/** The text of a journal file. */
import type { DeadClient } from '../record/dead-client.js';
import type { BlockRecord } from '../record/record.js';
import { isDeadClient, isRecord } from '../record/record-check.js';
import type { Reported } from '../record/reported.js';
import type { Parcels } from '../sinks/rules.js';
import { rulesOf } from '../sinks/table.js';

/** What a file of the journal holds: the record, and what its sinks take besides it. */
export interface JournalEntry {
  readonly record: Reported;
  readonly parcels: Parcels;
}

/** What lies beside the fields of a record. */
interface Beside {
  /** Sentry's parcel: where it was before there were others, for releases of that time. */
  readonly sentry?: unknown;
  /** All others. */
  readonly parcels?: unknown;
}

/** The text of a journal file: the record's own JSON, and beside its fields those of the parcels. */
export function formatEntry({ record, parcels: { sentry, ...parcels } }: JournalEntry): string {
  return JSON.stringify({
    ...record,
    ...(sentry === undefined ? {} : { sentry }),
    ...(Object.keys(parcels).length === 0 ? {} : { parcels }),
  });
}

/** Without those that are none. What only another release can read is kept for it. */
function parcelsOf({ sentry, parcels }: Beside): Parcels {
  const others = typeof parcels === 'object' && !Array.isArray(parcels) ? parcels : null;
  const all = Object.entries({ ...others, sentry });
  return Object.fromEntries(
    all.filter(([name, value]) => rulesOf(name)?.isParcel(value) ?? value !== undefined),
  );
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
    const { sentry, parcels, ...record } = value as DeadClient & Beside;
    return { record, parcels: parcelsOf({ sentry, parcels }) };
  }
  if (!isRecord(value)) return null;
  const { sentry, parcels, ...rest } = value as BlockRecord & Beside;
  const record = { ...rest, profile: rest.profile ?? null };
  return { record, parcels: parcelsOf({ sentry, parcels }) };
}
