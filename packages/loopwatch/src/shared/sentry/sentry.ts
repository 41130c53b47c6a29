/** What the threads of loopwatch tell each other of Sentry: where events go, and what belongs on them. */
import type { BlockRecord } from '../record/record.js';

/** Where events go and how, from the environment or from the program's own client. */
export interface SentryTarget {
  readonly dsn: string;
  readonly release: string | null;
  readonly environment: string;
  readonly dist: string | null;
  /** Where envelopes are sent instead of the DSN's host. */
  readonly tunnel: string | null;
  /** The proxy to use, whatever the environment says. */
  readonly proxy: string | null;
  /** PEM text of further certificate authorities. */
  readonly caCerts: string | null;
  /** Further headers of each request. */
  readonly headers: Readonly<Record<string, string>>;
  /** The share of events to send, 0 to 1. */
  readonly sampleRate: number;
  /** Texts, and expressions as `/source/flags`: an event whose message has one is not sent. */
  readonly ignoreErrors: readonly string[];
}

/** Something that happened before an event, as Sentry's clients note it. */
export interface Breadcrumb {
  readonly timestamp?: number;
  readonly type?: string;
  readonly category?: string;
  readonly level?: string;
  readonly message?: string;
}

type Plain = Readonly<Record<string, string | number | boolean>>;

/** What the program has said of the request that blocked. */
export interface SentryScope {
  readonly user: Plain | null;
  readonly tags: Plain;
  readonly breadcrumbs: readonly Breadcrumb[];
  readonly transaction: string | null;
}

/** What the program's Sentry SDK says of itself, read on the blocked stack. */
export interface SentryContext {
  /** Null when the client is disabled: then nothing is sent. */
  readonly target: SentryTarget | null;
  /** Whether the client looks at events before they are sent: what goes past it is kept minimal. */
  readonly filtered: boolean;
  readonly trace: BlockRecord['trace'];
  /** Null when it is filtered: only the program may say what of it leaves the process. */
  readonly scope: SentryScope | null;
}

/** What was found on the blocked stack that belongs on an event. */
export interface SentryEvidence {
  /** What the program's Sentry SDK said of itself; null without one. */
  readonly sentry: SentryContext | null;
  readonly debugIds: DebugIds | null;
}

/** Debug ids by file, as bundlers put them into what they make. */
export type DebugIds = Readonly<Record<string, string>>;

/** How much of a report is sent. What a server refuses as too large is tried again smaller. */
export type Detail = 'full' | 'minimal';

/** All that sending an event past the program's client takes, besides the record. */
export interface SentryParcel {
  readonly target: SentryTarget;
  readonly detail: Detail;
  readonly scope: SentryScope | null;
  readonly debugIds: DebugIds | null;
}

/** The target that a DSN alone makes. */
export function plainTarget(dsn: string): SentryTarget {
  return {
    dsn,
    release: null,
    environment: 'production',
    dist: null,
    tunnel: null,
    proxy: null,
    caCerts: null,
    headers: {},
    sampleRate: 1,
    ignoreErrors: [],
  };
}
