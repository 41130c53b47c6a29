/** What there is to send to Sentry of a report, of whichever kind. */
import type { DeadClient } from '../../../shared/record/dead-client.js';
import { profileAttachments } from '../../../shared/sentry/profile-attachment.js';
import type { Detail, SentryParcel } from '../../../shared/sentry/sentry.js';
import {
  type Attachment,
  attachmentOf,
  deadClientEvent,
  sentryEvent,
  titleOf,
} from '../../../shared/sentry/sentry-event.js';
import type { Readable } from '../../symbolicate/readable.js';

/** One report on its way to Sentry. */
export interface EventDraft {
  readonly id: string;
  /** What Sentry shows of it. */
  readonly title: string;
  readonly traceId: string | null;
  /** Files that go with it, until a server finds that too large. */
  readonly attachments: readonly Attachment[];
  event(detail: Detail, said: Pick<SentryParcel, 'scope' | 'debugIds'>): object;
}

export function blockDraft({ record, context }: Readable): EventDraft {
  return {
    id: record.id,
    title: titleOf(record),
    traceId: record.trace?.traceId ?? null,
    attachments: [attachmentOf(record), ...profileAttachments(record)],
    event: (detail, { scope, debugIds }) => {
      return sentryEvent(record, { detail, context, scope, debugIds });
    },
  };
}

export function deadClientDraft(client: DeadClient): EventDraft {
  return {
    id: client.id,
    title: client.message,
    traceId: null,
    attachments: [],
    event: (detail, { scope }) => deadClientEvent(client, { detail, scope }),
  };
}
