/** Where events go that no client of the program sends. */
import type { Settings } from '../options/option-schema.js';
import {
  plainTarget,
  type SentryEvidence,
  type SentryParcel,
  type SentryTarget,
} from './sentry.js';

/** What decides it. */
interface Known {
  readonly setup: {
    readonly settings: Pick<Settings, 'sentry'>;
    readonly targets: Readonly<Record<string, unknown>>;
  };
  /** A {@link SentryTarget}; null for a client that is disabled, undefined without one. */
  readonly client: unknown;
}

/** What the environment's variables say; null without a DSN. */
export function targetFromEnvironment(environment: NodeJS.ProcessEnv): SentryTarget | null {
  const { SENTRY_DSN: dsn, SENTRY_RELEASE: release, SENTRY_ENVIRONMENT: name } = environment;
  if (dsn === undefined || dsn === '') return null;
  return {
    ...plainTarget(dsn),
    release: release || null,
    environment: name || environment.NODE_ENV || 'production',
    dist: environment.SENTRY_DIST || null,
    tunnel: environment.SENTRY_TUNNEL || null,
  };
}

/** Where events go that nothing was found for on a stack: the client's target, else the environment's. */
export function targetOf({ setup, client }: Known): SentryTarget | null {
  if (setup.settings.sentry === 'off') return null;
  const target = client === undefined ? setup.targets.sentry : client;
  return (target ?? null) as SentryTarget | null;
}

/** How an event goes past the program's client, by what was found on the stack; null when nowhere. */
export function parcelOf(known: Known, { sentry, debugIds }: SentryEvidence): SentryParcel | null {
  const found = sentry === null ? targetOf(known) : sentry.target;
  if (found === null || known.setup.settings.sentry === 'off') return null;
  // Certificates are too long for a capture.
  const client = known.client as SentryTarget | null | undefined;
  const target = found.dsn === client?.dsn ? client : found;
  const detail = sentry?.filtered === true ? 'minimal' : 'full';
  return { target, detail, scope: sentry?.scope ?? null, debugIds };
}
