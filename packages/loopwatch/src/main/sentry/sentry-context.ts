/** What an SDK's client and scopes say, made plain and bounded: it travels to other threads and a disk. */
import type {
  Breadcrumb,
  SentryContext,
  SentryScope,
  SentryTarget,
} from '../../shared/sentry/sentry.js';
import type { SdkClient, SdkMoment, SdkScope } from './sentry-sdk.js';

const LONGEST_TEXT = 300;
const LONGEST_NAME = 64;
const MOST_FIELDS = 30;

/** Of the 64 KiB that a capture has for everything, its stack first of all. */
const LONGEST_SCOPE = 16 * 1024;

/** The latest of Sentry's default of 100. */
const MOST_BREADCRUMBS = 20;

/** A bundle of all usual authorities is about 220 KB. */
const LONGEST_CERTS = 512 * 1024;

type Plain = Record<string, string | number | boolean>;

function textOr<T>(value: unknown, fallback: T): string | T {
  return typeof value === 'string' && value !== '' ? value : fallback;
}

/** The fields that hold plain values; what is an object in a user or a tag, no sink could show. */
function plain(value: unknown): Plain {
  const found: Plain = {};
  if (typeof value !== 'object' || value === null) return found;
  for (const [longName, one] of Object.entries(value).slice(0, MOST_FIELDS)) {
    const name = longName.slice(0, LONGEST_NAME);
    if (typeof one === 'string') found[name] = one.slice(0, LONGEST_TEXT);
    else if (typeof one === 'number' || typeof one === 'boolean') found[name] = one;
  }
  return found;
}

const CRUMB_FIELDS: readonly string[] = ['timestamp', 'type', 'category', 'level', 'message'];

/** Without their data, where headers and bodies are. */
function breadcrumbOf(value: unknown): Breadcrumb {
  const fields = Object.entries(plain(value)).filter(([name]) => CRUMB_FIELDS.includes(name));
  return Object.fromEntries(fields);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function certsOf(value: unknown): string | null {
  const text = (Array.isArray(value) ? value : [value])
    .filter((one) => typeof one === 'string' || one instanceof Uint8Array)
    .map((one) => (typeof one === 'string' ? one : Buffer.from(one).toString('latin1')))
    .join('\n');
  return text === '' || text.length > LONGEST_CERTS ? null : text;
}

function rulesOf(value: unknown): string[] {
  return listOf(value)
    .filter((one) => typeof one === 'string' || one instanceof RegExp)
    .map((one) => String(one).slice(0, LONGEST_TEXT))
    .slice(0, MOST_FIELDS);
}

/**
 * Where a client sends, by its options.
 *
 * @param withCerts certificates are long, and only asked for while nothing is blocked
 * @returns null for one that is disabled
 */
export function targetOf(client: SdkClient, withCerts: boolean): SentryTarget | null {
  const { dsn, enabled, release, environment, dist, ...options } = client.getOptions();
  if (dsn === undefined || enabled === false) return null;
  const { proxy, caCerts, headers } = options.transportOptions ?? {};
  const { sampleRate } = options;
  const texts = Object.entries(plain(headers)).map(([name, value]) => [name, String(value)]);
  return {
    dsn: String(dsn),
    release: textOr(release, null),
    environment: textOr(environment, 'production'),
    dist: textOr(dist, null),
    tunnel: textOr(options.tunnel, null),
    proxy: textOr(proxy, null),
    caCerts: withCerts ? certsOf(caCerts) : null,
    headers: Object.fromEntries(texts),
    sampleRate: typeof sampleRate === 'number' ? sampleRate : 1,
    ignoreErrors: rulesOf(options.ignoreErrors),
  };
}

/** From the widest scope to the narrowest, as an SDK merges them. */
function scopeOf(scopes: readonly SdkScope[]): SentryScope {
  const data = scopes.map((scope) => scope.getScopeData?.() ?? {});
  const user = Object.assign({}, ...data.map((one) => plain(one.user))) as Plain;
  const crumbs = data.flatMap(({ breadcrumbs }) => listOf(breadcrumbs).slice(-MOST_BREADCRUMBS));
  const named = data.findLast(({ transactionName }) => typeof transactionName === 'string');
  const found = {
    user: Object.keys(user).length === 0 ? null : user,
    tags: Object.assign({}, ...data.map((one) => plain(one.tags))) as Plain,
    breadcrumbs: crumbs.slice(-MOST_BREADCRUMBS).map(breadcrumbOf),
    transaction: textOr(named?.transactionName, null)?.slice(0, LONGEST_TEXT) ?? null,
  };
  // Only in scripts of several bytes a letter, or full of what JSON has to escape.
  return Buffer.byteLength(JSON.stringify(found)) <= LONGEST_SCOPE
    ? found
    : { user: null, tags: {}, breadcrumbs: [], transaction: null };
}

function traceOf({ span, scope }: SdkMoment): SentryContext['trace'] {
  const { traceId, spanId } = span?.spanContext() ?? scope.getPropagationContext?.() ?? {};
  if (traceId === undefined) return null;
  // Outside a span, newer SDKs know none; Sentry wants one.
  return { traceId, spanId: spanId ?? traceId.slice(16) };
}

/** What a moment says, for the other threads. */
export function contextOf(moment: SdkMoment): SentryContext {
  const { client, scope, isolation, global } = moment;
  const scopes = [global, isolation, scope].filter((one) => one !== null);
  const processors = scopes.flatMap((one) => one.getScopeData?.().eventProcessors ?? []);
  const filtered = typeof client.getOptions().beforeSend === 'function' || processors.length > 0;
  return {
    target: targetOf(client, false),
    filtered,
    trace: traceOf(moment),
    scope: filtered ? null : scopeOf(scopes),
  };
}
