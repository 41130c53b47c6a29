/** What a watched server says of a request in its answer: `Server-Timing: loop;dur=`. */

import { PENDING } from '../../shared/server-timing.js';

/** Headers as the clients of the ecosystem hold them. */
type Headers =
  | { get(name: string): unknown }
  | Readonly<Record<string, unknown>>
  | (() => Readonly<Record<string, unknown>>);

/** An answer of fetch, undici, supertest, axios, node:http, or Playwright's request. */
export interface AnyResponse {
  readonly headers?: Headers;
}

function headerOf(response: AnyResponse, name: string): string | null {
  const { headers } = response;
  if (headers === undefined || headers === null) return null;
  // Playwright's is a method, which needs its response; fetch's and axios's have get().
  const held = typeof headers === 'function' ? headers.call(response) : headers;
  const { get } = held as { get?: unknown };
  const value =
    typeof get === 'function'
      ? (held as { get(name: string): unknown }).get(name)
      : Object.entries(held).find(([key]) => key.toLowerCase() === name)?.[1];
  if (value === undefined || value === null || value === false) return null;
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** Why an answer may say nothing. */
export const PENDING_REASON = "its server's loop was late, and it was too early to say why";

/** What a header says of the loop of its server. */
export interface ServerLoop {
  /** How long the request has blocked it, in ms; null where that is not known. */
  readonly blockedMs: number | null;
  /** Whether the loop was late, and it was too early to say why. */
  readonly isPending: boolean;
}

/** What stands between separators that are not in quotes (RFC 9110, 5.6.4). */
function parts(text: string, separator: ',' | ';'): string[] {
  const found: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted && character === '\\') at++;
    else if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) {
      found.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return [...found, text.slice(start).trim()];
}

/**
 * The metric `loop` (W3C Server Timing, section 3). Where a proxy that is watched passes on what its
 * server said, there are several, and the longest counts.
 *
 * @returns null without one
 */
export function loopIn(header: string): ServerLoop | null {
  let found: ServerLoop | null = null as ServerLoop | null;
  for (const metric of parts(header, ',')) {
    const [name, ...parameters] = parts(metric, ';');
    if (name !== 'loop') continue;
    let blockedMs: number | null = found?.blockedMs ?? null;
    let isPending: boolean = found?.isPending ?? false;
    for (const parameter of parameters) {
      const [, ms] = /^dur\s*=\s*"?(\d+(?:\.\d+)?)"?$/i.exec(parameter) ?? [];
      if (ms !== undefined) blockedMs = Math.max(blockedMs ?? 0, Number(ms));
      isPending ||= parameter === PENDING;
    }
    found = { blockedMs, isPending };
  }
  return found;
}

/** What a response says: null where there is no such header, so that its server is not watched. */
export function serverLoop(response: AnyResponse): ServerLoop | null {
  const header = headerOf(response, 'server-timing');
  return header === null ? null : loopIn(header);
}
