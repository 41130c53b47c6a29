/** Sends reports to Sentry: own envelope, `node:http(s)`, no SDK, never without a time-out. */
import * as http from 'node:http';
import * as https from 'node:https';
import type { SentryTarget } from '../../shared/messages.js';
import type { BlockRecord } from '../../shared/record.js';
import { type Detail, sentryEvent } from '../../shared/sentry-event.js';
import { sourceContext } from '../source-context.js';
import { VERSION } from '../version.js';
import { compressed, type Endpoint, envelopeOf, parseDsn } from './sentry-envelope.js';

const TIMEOUT_MS = 3000;

/** The first wait after a failure; it doubles up to the second. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 60_000;

/** What Sentry asks clients to wait after a 429 that does not say how long. */
const RATE_LIMIT_MS = 60_000;

export type Outcome =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'retry'; readonly waitMs: number | null };

/** What a status means for the report. */
export function outcomeOf(status: number, retryAfter: string | undefined): Outcome {
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

function post({ url, auth }: Endpoint, envelope: Buffer): Promise<Outcome> {
  const { body, encoding } = compressed(envelope);
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve) => {
    const retry = () => resolve({ kind: 'retry', waitMs: null });
    const outgoing = request(
      url,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/x-sentry-envelope',
          'content-length': body.length,
          'x-sentry-auth': auth,
          ...(encoding === null ? {} : { 'content-encoding': encoding }),
        },
        // Covers the whole exchange, where the request's own time-out only counts silence.
        signal: AbortSignal.timeout(TIMEOUT_MS),
      },
      (response) => {
        const { statusCode = 0, headers } = response;
        response.on('error', retry);
        response.on('end', () => resolve(outcomeOf(statusCode, headers['retry-after'])));
        response.resume();
      },
    );
    outgoing.on('error', retry);
    outgoing.end(body);
  });
}

/** Delivers one report after the other; what can't be delivered yet waits. */
export class SentrySink {
  readonly #target: SentryTarget;
  readonly #endpoint: Endpoint | null;
  readonly #complain: (text: string) => void;
  #last: Promise<void> = Promise.resolve();

  /** @param complain says one line to the person who runs the program */
  constructor(target: SentryTarget, complain: (text: string) => void) {
    this.#target = target;
    this.#endpoint = parseDsn(target.dsn);
    this.#complain = complain;
    if (this.#endpoint === null) complain('SENTRY_DSN is not a DSN; nothing is sent to Sentry');
  }

  /** Resolves when the report was taken, or will never be. */
  deliver(record: BlockRecord, detail: Detail = 'full'): Promise<void> {
    this.#last = this.#last.then(() => this.#send(record, detail));
    return this.#last;
  }

  #event(record: BlockRecord, detail: Detail): object {
    const { release, environment } = this.#target;
    return {
      ...sentryEvent(record, { detail, context: sourceContext }),
      release: release ?? undefined,
      environment,
      sdk: { name: 'loopwatch', version: VERSION },
    };
  }

  async #send(record: BlockRecord, first: Detail): Promise<void> {
    if (this.#endpoint === null) return;
    let detail = first;
    for (let failures = 0; ; ) {
      const envelope = envelopeOf(this.#event(record, detail), record.id, this.#target.dsn);
      const outcome = await post(this.#endpoint, envelope);
      if (outcome.kind === 'taken') return;
      if (outcome.kind === 'refused') {
        this.#complain(`Sentry refused a report (HTTP ${outcome.status})`);
        return;
      }
      if (outcome.kind === 'too-large') {
        if (detail === 'minimal') {
          this.#complain('Sentry refused a report as too large');
          return;
        }
        detail = 'minimal';
        continue;
      }
      const backoffMs = Math.min(FIRST_RETRY_MS * 2 ** failures++, LONGEST_RETRY_MS);
      await new Promise((resolve) => setTimeout(resolve, outcome.waitMs ?? backoffMs));
    }
  }
}
