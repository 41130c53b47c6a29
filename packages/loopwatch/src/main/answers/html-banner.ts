/** Puts a banner into an HTML answer of node:http that has not been sent yet. */
import type { ServerResponse } from 'node:http';

const END = '</body>';

/** A header, whether it was set on the response or given to writeHead. */
function headerOf(response: ServerResponse, name: string): string | undefined {
  const set = response.getHeader(name);
  if (set !== undefined) return String(set);
  // What was given to writeHead is only in the text that it made.
  const { _header: sent } = response as unknown as { readonly _header?: unknown };
  if (typeof sent !== 'string') return undefined;
  return new RegExp(`^${name}: (.*)\r$`, 'im').exec(sent)?.[1];
}

/** Whether an answer is HTML that can be read, and made longer. */
function takesBanner(response: ServerResponse): boolean {
  if (response.req.method === 'HEAD') return false;
  if (!/^text\/html\b/i.test(headerOf(response, 'content-type') ?? '')) return false;
  if (headerOf(response, 'content-encoding') !== undefined) return false;
  return !response.headersSent || headerOf(response, 'content-length') === undefined;
}

function inText(text: string, banner: string): string | null {
  const at = text.lastIndexOf(END);
  return at === -1 ? null : text.slice(0, at) + banner + text.slice(at);
}

function inBytes(bytes: Uint8Array, banner: string): Uint8Array | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = buffer.lastIndexOf(END);
  if (at === -1) return null;
  return Buffer.concat([buffer.subarray(0, at), Buffer.from(banner), buffer.subarray(at)]);
}

/**
 * The chunk with the banner before its `</body>`, its headers changed to match; null when it stays as
 * it is.
 *
 * @param makeBanner called only where one can be put
 */
export function withBanner(
  response: ServerResponse,
  chunk: unknown,
  makeBanner: () => string | null,
): string | Uint8Array | null {
  const isText = typeof chunk === 'string';
  if (!isText && !(chunk instanceof Uint8Array)) return null;
  if (!takesBanner(response)) return null;
  const banner = makeBanner();
  if (banner === null) return null;
  // In ASCII it is as long in every encoding that HTML comes in.
  const ascii = banner.replace(/[^\0-\x7f]/gu, (char) => `&#${char.codePointAt(0)};`);
  const all = isText ? inText(chunk, ascii) : inBytes(chunk, ascii);
  if (all === null || response.headersSent) return all;
  const length = response.getHeader('content-length');
  if (length !== undefined) response.setHeader('content-length', Number(length) + ascii.length);
  response.removeHeader('etag');
  return all;
}
