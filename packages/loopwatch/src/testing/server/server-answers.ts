/**
 * The answers that tests get from watched servers, whatever client they use: fetch and undici publish
 * theirs, and so does node:http for all that is built on it (supertest, axios, Playwright's request).
 */
import { subscribe } from 'node:diagnostics_channel';
import { nowMs } from '../../shared/clock.js';
import { serverLoop } from './server-timing.js';

/** What an answer says of the loop of its server. */
export interface Answer {
  /** Method and path, without the query: `GET /report/7`. */
  readonly request: string;
  /** When the request was made, in ms of the shared clock. */
  readonly sentMs: number;
  /** How long it has blocked the loop, in ms. */
  readonly blockedMs: number;
  /** Whether the loop was late, and it was too early to say why. */
  readonly isPending: boolean;
}

/** What clients have in common of a request. */
interface AnyRequest {
  readonly method?: unknown;
  readonly path?: unknown;
}

/** undici's hold name, value, name, value, …; node:http's are an object. */
type AnyHeaders = readonly Uint8Array[] | Readonly<Record<string, unknown>>;

interface Message {
  readonly request?: AnyRequest;
  readonly response?: { readonly headers?: AnyHeaders };
}

function headersFrom(headers: AnyHeaders | undefined): Readonly<Record<string, unknown>> {
  if (!Array.isArray(headers)) return (headers ?? {}) as Readonly<Record<string, unknown>>;
  const found: Record<string, string> = {};
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = String(headers[index]).toLowerCase();
    const value = String(headers[index + 1]);
    found[name] = Object.hasOwn(found, name) ? `${found[name]}, ${value}` : value;
  }
  return found;
}

function requestText({ method, path }: AnyRequest): string {
  const [plain] = String(path ?? '/').split(/[?#]/, 1);
  return `${String(method ?? 'GET')} ${plain}`;
}

/**
 * Tells whoever has sent a request what the answer says of its server's loop.
 *
 * @param sender who sends the request that is being made; undefined: nobody who wants to know
 * @param onAnswer is not called for an answer without such a header: its server may be watched by other means
 */
export function followAnswers<T extends object>(
  sender: () => T | undefined,
  onAnswer: (sender: T, answer: Answer) => void,
): void {
  const senders = new WeakMap<object, { readonly who: T; readonly sentMs: number }>();
  const sent = (message: unknown) => {
    const { request } = message as Message;
    const who = sender();
    if (request !== undefined && who !== undefined) senders.set(request, { who, sentMs: nowMs() });
  };
  const answered = (message: unknown) => {
    const { request, response } = message as Message;
    const found = request && senders.get(request);
    if (request === undefined || found === undefined) return;
    const loop = serverLoop({ headers: headersFrom(response?.headers) });
    if (loop === null) return;
    const { who, sentMs } = found;
    const { blockedMs, isPending } = loop;
    onAnswer(who, { request: requestText(request), sentMs, blockedMs: blockedMs ?? 0, isPending });
  };
  // Published where the request is made: what the answer is read in is nobody's context.
  subscribe('undici:request:create', sent);
  subscribe('undici:request:headers', answered);
  subscribe('http.client.request.start', sent);
  subscribe('http.client.response.finish', answered);
}
