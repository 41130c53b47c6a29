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
import type { SinkReport } from '../sink.js';

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

/** What a report is to Sentry. */
export function eventDraft({
  record,
  context,
}: Pick<SinkReport, 'record' | 'context'>): EventDraft {
  if (record.kind === 'dead-client') return deadClientDraft(record);
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

function deadClientDraft(client: DeadClient): EventDraft {
  return {
    id: client.id,
    title: client.message,
    traceId: null,
    attachments: [],
    event: (detail, { scope }) => deadClientEvent(client, { detail, scope }),
  };
}
