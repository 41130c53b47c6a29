/** Who may ask: by the name that the request is for, and by its token. Pure functions. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { isLoopback, isWildcard } from '../../shared/options/serve-address.js';

const HOST = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i;

/**
 * Whether a Host header is for this server. A page of another site that has its own name resolve to
 * our address (DNS rebinding) can't choose what a browser sends here.
 *
 * @param bound the host that the server was told to listen on
 * @param machine the machine's own name
 */
export function isForUs(header: string | undefined, bound: string, machine: string): boolean {
  const [, bracketed, plain] = HOST.exec(header ?? '') ?? [];
  const host = (bracketed ?? plain)?.toLowerCase();
  if (host === undefined) return false;
  if (isLoopback(host) || host === bound.toLowerCase()) return true;
  // An address can't be rebound, only a name.
  return isWildcard(bound) && (isIP(host) !== 0 || host === machine.toLowerCase());
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Whether an Authorization header carries the token; how long that takes does not say how nearly. */
export function isAuthorized(header: string | undefined, token: string): boolean {
  if (token === '') return true;
  const [, given = ''] = /^bearer +(\S+) *$/i.exec(header ?? '') ?? [];
  return timingSafeEqual(digest(given), digest(token));
}
