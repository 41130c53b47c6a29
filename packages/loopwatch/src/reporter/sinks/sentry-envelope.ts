/** DSN and envelope, as Sentry's developer documentation specifies them. */
import { gzipSync } from 'node:zlib';
import { VERSION } from '../version.js';

/** What a DSN stands for. */
export interface Endpoint {
  readonly url: URL;
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
  return { url: new URL(path, `${url.protocol}//${url.host}`), auth };
}

/** An envelope with one event. */
export function envelopeOf(event: object, eventId: string, dsn: string): Buffer {
  const payload = Buffer.from(JSON.stringify(event));
  const header = { event_id: eventId, sent_at: new Date().toISOString(), dsn };
  const item = { type: 'event', length: payload.length, content_type: 'application/json' };
  const head = `${JSON.stringify(header)}\n${JSON.stringify(item)}\n`;
  return Buffer.concat([Buffer.from(head), payload, Buffer.from('\n')]);
}

/** The body and its encoding. */
export function compressed(body: Buffer): { body: Buffer; encoding: 'gzip' | null } {
  if (body.length <= GZIP_BYTES) return { body, encoding: null };
  return { body: gzipSync(body), encoding: 'gzip' };
}
