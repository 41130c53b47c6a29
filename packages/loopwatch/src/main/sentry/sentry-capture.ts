/**
 * Sending a block through the program's own Sentry client, so that its `beforeSend`, its sampling and
 * its event processors see it, with the user, the tags and the trace of the request that blocked.
 */
import * as timers from 'node:timers';
import type { Settings } from '../../shared/options/option-schema.js';
import type { DeadClient } from '../../shared/record/dead-client.js';
import type { BlockRecord } from '../../shared/record/record.js';
import { profileAttachments } from '../../shared/sentry/profile-attachment.js';
import type { SentryContext, SentryTarget } from '../../shared/sentry/sentry.js';
import { attachmentOf, deadClientEvent, sentryEvent } from '../../shared/sentry/sentry-event.js';
import { type Code, contextFrom } from '../../shared/sources/source-context.js';
import { contextOf, targetOf } from './sentry-context.js';
import { type SdkClient, type SdkMoment, sdkNow } from './sentry-sdk.js';

/** Moments kept for blocks whose report is still to come; a block takes one. */
const MOST_MOMENTS = 16;

/** How long the client may take to send, in ms, before the reporter sends instead. */
const SENDING_MS = 5000;

/** How often, and how far apart in ms, it is polled for the answer after that. */
const POLLS = 20;
const POLL_MS = 50;

// Fake timers replace these.
const { setTimeout } = timers;

/** The scopes of a turn that blocked. */
interface Remembered extends Pick<SdkMoment, 'client' | 'scope' | 'isolation'> {
  readonly context: SentryContext;
}

/** Remembers scopes while the thread is blocked, and captures when it no longer is. */
export class SentryCapture {
  /** By the beat before the turn; a turn's first sample counts. */
  readonly #moments = new Map<number, Remembered>();
  #own: SdkClient | null = null;
  #on = true;

  configure({ sentry }: Settings): void {
    this.#on = sentry !== 'off';
  }

  /** Makes a client the one to use, whichever the program's scopes name. */
  use(client: SdkClient): void {
    this.#own = client;
  }

  /** Where the program's client sends; undefined before there is one, null when it is disabled. */
  target(): SentryTarget | null | undefined {
    try {
      const now = this.#on ? sdkNow(this.#own) : null;
      return now === null ? undefined : targetOf(now.client, true);
    } catch {
      return undefined;
    }
  }

  /** Called on top of the blocked stack, in each sample of the turn after `beat`. */
  remember(beat: number): SentryContext | null {
    if (!this.#on) return null;
    try {
      const known = this.#moments.get(beat);
      if (known !== undefined) return known.context;
      const now = sdkNow(this.#own);
      if (now === null) return null;
      const context = contextOf(now);
      const { client, scope, isolation } = now;
      this.#moments.set(beat, {
        context,
        client,
        scope: scope.clone(),
        isolation: isolation?.clone() ?? null,
      });
      const [oldest] = this.#moments.keys();
      if (this.#moments.size > MOST_MOMENTS && oldest !== undefined) this.#moments.delete(oldest);
      return context;
    } catch {
      // An SDK that is not what we take it for.
      return null;
    }
  }

  /** What the program's Sentry says now, where nothing is blocked; null where there is none. */
  context(): SentryContext | null {
    try {
      const now = this.#on ? sdkNow(this.#own) : null;
      return now === null ? null : contextOf(now);
    } catch {
      return null;
    }
  }

  /** Lets the program's client have a dead client. Answers as {@link send} does. */
  async sendDeadClient(found: DeadClient): Promise<boolean> {
    try {
      const now = this.#on ? sdkNow(this.#own) : null;
      return now !== null && (await capture(now, found.id, deadClientEvent(found), []));
    } catch {
      return false;
    }
  }

  /**
   * Captures a block, with the code that source maps lead to: the SDK reads other code itself. What the client makes of it is known when its queue is empty.
   *
   * @returns whether that was its answer: it was sent, or dropped, which is the client's decision
   */
  async send(record: BlockRecord, code: Readonly<Code>, beat: number): Promise<boolean> {
    const moment = this.#moments.get(beat);
    this.#moments.delete(beat);
    if (moment === undefined) return false;
    try {
      const context = contextFrom(code, () => null);
      const event = sentryEvent(record, { detail: 'full', context });
      const attachments = [attachmentOf(record), ...profileAttachments(record)];
      return await capture(moment, record.id, event, attachments);
    } catch {
      return false;
    }
  }
}

async function capture(
  { client, scope, isolation }: Pick<SdkMoment, 'client' | 'scope' | 'isolation'>,
  id: string,
  event: object,
  attachments: readonly object[],
): Promise<boolean> {
  let approved = false;
  let status: number | null = null;
  const isOurs = (sent: { readonly event_id?: string }) => sent.event_id === id;
  const forget = listen(client, {
    beforeSendEvent: (event: object) => {
      approved ||= isOurs(event);
    },
    afterSendEvent: (event: object, response: { statusCode?: number } | undefined) => {
      if (isOurs(event)) status = response?.statusCode ?? 0;
    },
  });
  try {
    const metadata = { capturedSpanScope: scope, capturedSpanIsolationScope: isolation ?? scope };
    const hint = { event_id: id, attachments };
    client.captureEvent({ ...event, sdkProcessingMetadata: metadata }, hint, scope);
    await client.flush(SENDING_MS);
    // The client says that its queue is empty a moment before it says what the answer was (8 and 9).
    for (let left = POLLS; approved && status === null && left > 0; left--) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    forget();
  }
  const isSent = status !== null && status >= 200 && status < 300;
  return isSent || !approved;
}

/** Adds listeners to a client's hooks. Older SDKs can't take them away; theirs then do nothing. */
function listen(
  client: SdkClient,
  hooks: Readonly<Record<string, (event: object, response?: never) => void>>,
): () => void {
  let on = true;
  const removes = Object.entries(hooks).map(([name, hook]) => {
    return client.on(name, (event: never, response: never) => {
      if (on) hook(event, response);
    });
  });
  return () => {
    on = false;
    for (const remove of removes) remove?.();
  };
}
