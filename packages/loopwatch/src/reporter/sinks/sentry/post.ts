/** One request to Sentry: by `node:http(s)`, through proxies, never without a time-out. */
import * as http from 'node:http';
import * as https from 'node:https';
import { rootCertificates } from 'node:tls';
import { getProxyForUrl } from 'proxy-from-env';
import type { SentryTarget } from '../../../shared/sentry/sentry.js';
import { VERSION } from '../../../shared/version.js';
import { compressed, type Endpoint } from './envelope.js';

const TIMEOUT_MS = 3000;

/** Who sends: reports of a process that is gone are sent by another one. */
const USER_AGENT = `loopwatch/${VERSION} node/${process.versions.node} pid/${process.pid}`;

/** What Sentry asks clients to wait after a 429 that does not say how long. */
const RATE_LIMIT_MS = 60_000;

export type PostOutcome =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'retry'; readonly waitMs: number | null };

/** What a status means for the report. */
export function outcomeOf(status: number, retryAfter: string | undefined): PostOutcome {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  if (status === 413) return { kind: 'too-large' };
  if (status === 429) return { kind: 'retry', waitMs: retryAfterMs(retryAfter) ?? RATE_LIMIT_MS };
  if (status >= 500) return { kind: 'retry', waitMs: retryAfterMs(retryAfter) };
  return { kind: 'refused', status };
}

/** Seconds, or an HTTP date (RFC 9110, 10.2.3). */
function retryAfterMs(header: string | undefined): number | null {
  if (header === undefined) return null;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms >= 0 ? ms : null;
}

/**
 * Through a proxy. Its package is loaded where there is one only: its ES imports make Node.js 22 load
 * all of undici, which takes time, and fails without WebAssembly (--jitless).
 *
 * @throws TypeError for a proxy that is no URL
 */
function agentThrough(through: string, tls: https.AgentOptions): () => Promise<http.Agent> {
  const proxy = new URL(through);
  let agent: Promise<http.Agent> | undefined;
  return () => {
    agent ??= import('https-proxy-agent').then(
      ({ HttpsProxyAgent }) => new HttpsProxyAgent(proxy, tls),
    );
    return agent;
  };
}

/** How a target's requests are made: with its proxy, or the environment's, and its authorities. */
function agentFor(url: URL, { proxy, caCerts }: SentryTarget): () => Promise<http.Agent> {
  // Own authorities add to the usual ones, which a list of them would replace.
  const tls = caCerts === null ? {} : { ca: [...rootCertificates, caCerts] };
  const through = proxy ?? getProxyForUrl(url.href);
  if (through !== '') return agentThrough(through, tls);
  const kept = { ...tls, keepAlive: true };
  const agent = url.protocol === 'https:' ? new https.Agent(kept) : new http.Agent(kept);
  return async () => agent;
}

/**
 * Makes the function that posts envelopes to a target.
 *
 * @throws TypeError for a tunnel or a proxy that is no URL
 */
export function poster(
  target: SentryTarget,
  { url, auth }: Endpoint,
): (envelope: Buffer) => Promise<PostOutcome> {
  const goal = target.tunnel === null ? url : new URL(target.tunnel);
  const agentOf = agentFor(goal, target);
  const { request } = goal.protocol === 'https:' ? https : http;
  return async (envelope) => {
    const agent = await agentOf().catch(() => null);
    if (agent === null) return { kind: 'retry', waitMs: null };
    const { body, encoding } = compressed(envelope);
    return new Promise((resolve) => {
      const retry = () => resolve({ kind: 'retry', waitMs: null });
      const options = {
        method: 'POST',
        agent,
        headers: {
          'user-agent': USER_AGENT,
          ...target.headers,
          'content-type': 'application/x-sentry-envelope',
          'content-length': body.length,
          'x-sentry-auth': auth,
          ...(encoding === null ? {} : { 'content-encoding': encoding }),
        },
        // Covers the whole exchange, where the request's own time-out only counts silence.
        signal: AbortSignal.timeout(TIMEOUT_MS),
      };
      const outgoing = request(goal, options, (response) => {
        const { statusCode = 0, headers } = response;
        response.on('error', retry);
        response.on('end', () => resolve(outcomeOf(statusCode, headers['retry-after'])));
        response.resume();
      });
      outgoing.on('error', retry);
      outgoing.end(body);
    });
  };
}
