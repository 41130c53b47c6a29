/** Sends reports to Sentry: own envelopes, no SDK, one after the other until they are taken. */
import { messageOf } from '../../../shared/errors.js';
import type { SentryParcel, SentryTarget } from '../../../shared/sentry/sentry.js';
import { VERSION } from '../../../shared/version.js';
import { envelopeOf, parseDsn } from './envelope.js';
import type { EventDraft } from './event-draft.js';
import { type PostOutcome, poster } from './post.js';
import { isSent } from './sampling.js';

/** The first wait after a failure; it doubles up to the second. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 60_000;

/** From all there is to the least, for a server that finds it too large. */
const SIZES = ['attached', 'full', 'minimal'] as const;

type Post = (envelope: Buffer) => Promise<PostOutcome>;

/** Delivers one report after the other; what can't be delivered yet waits. */
export class SentrySink {
  readonly #target: SentryTarget;
  readonly #post: Post | null;
  readonly #complain: (text: string) => void;
  #last: Promise<void> = Promise.resolve();

  /** @param complain says one line to the person who runs the program */
  constructor(target: SentryTarget, complain: (text: string) => void) {
    this.#target = target;
    this.#complain = complain;
    this.#post = this.#connect();
  }

  #connect(): Post | null {
    const endpoint = parseDsn(this.#target.dsn);
    if (endpoint === null) {
      this.#complain('SENTRY_DSN is not a DSN; nothing is sent to Sentry');
      return null;
    }
    try {
      return poster(this.#target, endpoint);
    } catch (error) {
      // A tunnel or a proxy that is no URL, certificates that are none.
      this.#complain(`nothing can be sent to Sentry: ${messageOf(error)}`);
      return null;
    }
  }

  /** Resolves when the report was taken, or will never be. */
  deliver(draft: EventDraft, parcel: SentryParcel): Promise<void> {
    this.#last = this.#last.then(() => this.#send(draft, parcel));
    return this.#last;
  }

  #envelope(draft: EventDraft, parcel: SentryParcel, size: (typeof SIZES)[number]): Buffer {
    const { release, environment, dist, dsn } = this.#target;
    const { id, traceId, attachments } = draft;
    const detail = size === 'minimal' ? 'minimal' : 'full';
    const event = {
      ...draft.event(detail, parcel),
      release: release ?? undefined,
      dist: dist ?? undefined,
      environment,
      sdk: { name: 'loopwatch', version: VERSION },
    };
    return envelopeOf(event, size === 'attached' ? attachments : [], { eventId: id, dsn, traceId });
  }

  async #send(draft: EventDraft, parcel: SentryParcel): Promise<void> {
    if (this.#post === null || !isSent(draft.id, draft.title, this.#target)) return;
    let size = parcel.detail === 'minimal' ? SIZES.length - 1 : 0;
    for (let failures = 0; ; ) {
      const outcome = await this.#post(this.#envelope(draft, parcel, SIZES[size] ?? 'minimal'));
      if (outcome.kind === 'taken') return;
      if (outcome.kind === 'refused') {
        this.#complain(`Sentry refused a report (HTTP ${outcome.status})`);
        return;
      }
      if (outcome.kind === 'too-large') {
        if (++size < SIZES.length) continue;
        this.#complain('Sentry refused a report as too large');
        return;
      }
      const backoffMs = Math.min(FIRST_RETRY_MS * 2 ** failures++, LONGEST_RETRY_MS);
      await new Promise((resolve) => setTimeout(resolve, outcome.waitMs ?? backoffMs));
    }
  }
}
