/** What a request for a capture asks for, or why it gets none. Pure functions. */
import {
  type CaptureKind,
  type CaptureWanted,
  LEAST_SECONDS,
  parseSeconds,
} from '../../shared/record/captures.js';

export type CaptureRequest = Pick<CaptureWanted, 'kind' | 'seconds'>;

/** By the path of the request. */
const KINDS: ReadonlyMap<string, CaptureKind> = new Map([
  ['/profile', 'cpu-profile'],
  ['/heap', 'heap-snapshot'],
]);

const DEFAULT_SECONDS = 5;

/** Who asks has to wait, with everything between us; and a second one meanwhile is refused. */
const MOST_SECONDS = 60;

interface Refusal {
  readonly status: number;
  readonly why: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function secondsIn(query: string): number | null {
  const text = new URLSearchParams(query).get('seconds');
  return text === null ? DEFAULT_SECONDS : parseSeconds(text, MOST_SECONDS);
}

export function isCapturePath(path: string): boolean {
  return KINDS.has(path);
}

/**
 * Reads a request whose token, if there is one, has been looked at.
 *
 * @param token '' where none was set: a heap holds passwords, and whoever is on the machine may ask
 */
export function captureRequest(
  method: string,
  target: string,
  token: string,
): CaptureRequest | Refusal {
  const [path = '', query = ''] = target.split('?', 2);
  const kind = KINDS.get(path);
  if (kind === undefined || token === '') {
    return { status: 404, why: 'captures are only made where serveToken is set' };
  }
  if (method !== 'POST') {
    return { status: 405, why: 'a capture is asked for with POST', headers: { allow: 'POST' } };
  }
  const seconds = secondsIn(query);
  if (seconds === null) {
    const rule = `seconds must be a number from ${LEAST_SECONDS} to ${MOST_SECONDS}`;
    return { status: 400, why: rule };
  }
  return { kind, seconds };
}
