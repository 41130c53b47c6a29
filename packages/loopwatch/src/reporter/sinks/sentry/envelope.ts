/** DSN and envelope, as Sentry's developer documentation specifies them. */
import { gzipSync } from 'node:zlib';
import type { Attachment } from '../../../shared/sentry/sentry-event.js';
import { VERSION } from '../../../shared/version.js';

/** What a DSN stands for. */
export interface Endpoint {
  readonly url: URL;
  readonly publicKey: string;
  /** The value of the X-Sentry-Auth header. */
  readonly auth: string;
}

/** Bodies above this are compressed; below it gzip costs more than it saves. */
const GZIP_BYTES = 32 * 1024;

/**
 * Reads `https://KEY@HOST/PATH/PROJECT`.
 *
 * @returns null when it is no DSN
 */
export function parseDsn(dsn: string): Endpoint | null {
  let url: URL;
  try {
    url = new URL(dsn);
  } catch {
    return null;
  }
  const parts = url.pathname.split('/').filter((part) => part !== '');
  const project = parts.pop();
  if (!/^https?:$/.test(url.protocol) || url.username === '' || !/^\d+$/.test(project ?? '')) {
    return null;
  }
  const path = ['', ...parts, 'api', project, 'envelope', ''].join('/');
  const auth = [
    'Sentry sentry_version=7',
    `sentry_client=loopwatch/${VERSION}`,
    `sentry_key=${url.username}`,
  ].join(', ');
  const publicKey = url.username;
  return { url: new URL(path, `${url.protocol}//${url.host}`), publicKey, auth };
}

/** What an envelope says of all that is in it. */
export interface EnvelopeFacts {
  readonly eventId: string;
  readonly dsn: string;
  readonly traceId: string | null;
}

function item(header: object, payload: Buffer): Buffer[] {
  const head = JSON.stringify({ ...header, length: payload.length });
  return [Buffer.from(`${head}\n`), payload, Buffer.from('\n')];
}

/** An envelope with one event and the files that go with it. */
export function envelopeOf(
  event: object,
  attachments: readonly Attachment[],
  { eventId, dsn, traceId }: EnvelopeFacts,
): Buffer {
  const publicKey = parseDsn(dsn)?.publicKey;
  const trace = traceId === null ? undefined : { trace_id: traceId, public_key: publicKey };
  const header = { event_id: eventId, sent_at: new Date().toISOString(), dsn, trace };
  const files = attachments.flatMap(({ filename, contentType, data }) => {
    const about = { type: 'attachment', filename, content_type: contentType };
    return item(about, Buffer.from(data));
  });
  const payload = Buffer.from(JSON.stringify(event));
  return Buffer.concat([
    Buffer.from(`${JSON.stringify(header)}\n`),
    ...item({ type: 'event', content_type: 'application/json' }, payload),
    ...files,
  ]);
}

/** The body and its encoding. */
export function compressed(body: Buffer): { body: Buffer; encoding: 'gzip' | null } {
  if (body.length <= GZIP_BYTES) return { body, encoding: null };
  return { body: gzipSync(body), encoding: 'gzip' };
}
