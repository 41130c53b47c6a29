/** Sends reports to Sentry: own envelopes, no SDK. */
import { messageOf } from '../../../shared/errors.js';
import type { SentryParcel, SentryTarget } from '../../../shared/sentry/sentry.js';
import { VERSION } from '../../../shared/version.js';
import type { MakeSink, Outcome, RetryRules, Sink, SinkReport } from '../sink.js';
import { envelopeOf, parseDsn } from './envelope.js';
import { type EventDraft, eventDraft } from './event-draft.js';
import { type PostOutcome, poster } from './post.js';
import { isSent } from './sampling.js';

/** From all there is to the least, for a server that finds it too large. */
const SIZES = ['attached', 'full', 'minimal'] as const;

type Post = (envelope: Buffer) => Promise<PostOutcome>;

function laneOf(target: SentryTarget): string {
  return JSON.stringify(target);
}

function envelope(draft: EventDraft, parcel: SentryParcel, size: (typeof SIZES)[number]): Buffer {
  const { release, environment, dist, dsn } = parcel.target;
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

/** A report that is tried again as it is, and as small as a server wanted it. */
interface Attempt {
  readonly draft: EventDraft;
  /** Those that were not found too large, largest first. */
  readonly sizes: (typeof SIZES)[number][];
}

class SentrySink implements Sink<SentryParcel> {
  readonly retry: RetryRules<SentryParcel> = {
    firstMs: 500,
    longestMs: 60_000,
    laneOf: ({ target }) => laneOf(target),
  };
  readonly #complain: (text: string) => void;
  /** By their lanes: the environment's, that of the program's own client, those of others. */
  readonly #posts = new Map<string, Post | null>();
  readonly #attempts = new WeakMap<SinkReport, Attempt>();

  /** @param complain says one line to the person who runs the program */
  constructor(complain: (text: string) => void) {
    this.#complain = complain;
  }

  accepts(report: SinkReport, parcel: SentryParcel | null): boolean {
    if (parcel === null || this.#postTo(parcel.target) === null) return false;
    const { id, title } = this.#attemptOf(report, parcel).draft;
    return isSent(id, title, parcel.target);
  }

  async deliver(report: SinkReport, parcel: SentryParcel): Promise<Outcome> {
    const post = this.#postTo(parcel.target);
    const attempt = this.#attemptOf(report, parcel);
    for (
      let size = attempt.sizes[0];
      post !== null && size !== undefined;
      size = attempt.sizes[0]
    ) {
      const outcome = await post(envelope(attempt.draft, parcel, size));
      if (outcome.kind === 'taken' || outcome.kind === 'retry') return outcome;
      if (outcome.kind === 'refused') {
        this.#complain(`Sentry refused a report (HTTP ${outcome.status})`);
        return { kind: 'taken' };
      }
      attempt.sizes.shift();
    }
    this.#complain('Sentry refused a report as too large');
    return { kind: 'taken' };
  }

  /** What is known of a report from the tries before. */
  #attemptOf(report: SinkReport, parcel: SentryParcel): Attempt {
    const known = this.#attempts.get(report);
    if (known !== undefined) return known;
    const sizes = parcel.detail === 'minimal' ? SIZES.slice(-1) : [...SIZES];
    const attempt = { draft: eventDraft(report), sizes };
    this.#attempts.set(report, attempt);
    return attempt;
  }

  /** Null when nothing can be sent there, which was said. */
  #postTo(target: SentryTarget): Post | null {
    const lane = laneOf(target);
    const known = this.#posts.get(lane);
    if (known !== undefined) return known;
    const post = this.#connect(target);
    this.#posts.set(lane, post);
    return post;
  }

  #connect(target: SentryTarget): Post | null {
    const endpoint = parseDsn(target.dsn);
    if (endpoint === null) {
      this.#complain('SENTRY_DSN is not a DSN; nothing is sent to Sentry');
      return null;
    }
    try {
      return poster(target, endpoint);
    } catch (error) {
      // A tunnel or a proxy that is no URL, certificates that are none.
      this.#complain(`nothing can be sent to Sentry: ${messageOf(error)}`);
      return null;
    }
  }
}

export const makeSink: MakeSink = ({ complain }) => new SentrySink(complain);
