/**
 * Changes the answers of node:http. What is put over a response's methods is on that response alone,
 * below what the program itself puts there (compression, sessions), and calls what its prototype has.
 */
import type { ServerResponse } from 'node:http';
import type { StrictResponse } from '../../shared/text/block-facts.js';
import type { Answer } from '../requests/answer.js';
import { exchangeOf } from '../requests/exchange.js';
import type { Changes } from './answers.js';
import { withBanner } from './html-banner.js';
import { type Given, outlivesAnswer, withFields } from './response-fields.js';

type Method = (this: ServerResponse, ...args: unknown[]) => unknown;
type Methods = Record<'writeHead' | 'write' | 'end', Method>;

function answerOf(response: ServerResponse): Answer | null {
  return exchangeOf(response)?.answer ?? null;
}

/** What the methods are without us. Express gives responses another prototype after their start. */
function own(response: ServerResponse): Methods {
  return Object.getPrototypeOf(response) as Methods;
}

/** The callback of a `write` or `end`. */
function callbackOf(args: readonly unknown[]): (() => void) | undefined {
  const last = args.at(-1);
  return typeof last === 'function' ? (last as () => void) : undefined;
}

/** What a step comes to; a failure of ours leaves the program's answer as it was. */
function safely<T>(step: () => T): T | null {
  try {
    return step();
  } catch {
    return null;
  }
}

/** Sends the answer in place of the program's, all but its end. */
function replace(response: ServerResponse, answer: Answer, instead: StrictResponse): void {
  const { status, headers, body } = instead;
  answer.replaced = true;
  for (const name of response.getHeaderNames()) {
    if (!outlivesAnswer(name)) response.removeHeader(name);
  }
  const length = { 'content-length': String(Buffer.byteLength(body)) };
  const all = withFields({ ...headers, ...length }, response, answer.fields());
  own(response).writeHead.call(response, status, 'Service Unavailable', all);
  if (response.req.method !== 'HEAD') own(response).write.call(response, body);
}

/** Replaces the answer that is about to begin, if it is to be. */
function replaceIfBlamed(response: ServerResponse, answer: Answer): boolean {
  if (response.headersSent) return false;
  const instead = safely(() => answer.instead());
  if (instead === null) return false;
  replace(response, answer, instead);
  return true;
}

const writeHead: Method = function (this, ...args) {
  const answer = answerOf(this);
  const original = own(this).writeHead;
  // A second time Node refuses; what is below 200 is no answer yet.
  if (answer === null || this.headersSent || Number(args[0]) < 200) {
    return answer?.replaced === true ? this : original.apply(this, args);
  }
  if (replaceIfBlamed(this, answer)) return this;
  const [status, ...rest] = args;
  const reason = typeof rest[0] === 'string' ? [rest.shift()] : [];
  // Without a reason in between, the headers may also be the third argument.
  const given = (rest[0] ?? rest[1]) as Given;
  const headers = safely(() => ({ all: withFields(given, this, answer.fields()) }));
  if (headers === null) return original.apply(this, args);
  return original.call(this, status, ...reason, headers.all);
};

const write: Method = function (this, ...args) {
  const answer = answerOf(this);
  if (answer === null) return own(this).write.apply(this, args);
  if (!answer.replaced && !replaceIfBlamed(this, answer)) {
    return own(this).write.apply(this, bannered(this, answer, args));
  }
  const callback = callbackOf(args);
  if (callback !== undefined) process.nextTick(callback);
  return true;
};

const end: Method = function (this, ...args) {
  const answer = answerOf(this);
  if (answer === null) return own(this).end.apply(this, args);
  if (answer.replaced || replaceIfBlamed(this, answer)) {
    const callback = callbackOf(args);
    return own(this).end.call(this, ...(callback === undefined ? [] : [callback]));
  }
  const all = bannered(this, answer, args);
  safely(() => addTrailer(this, answer));
  return own(this).end.apply(this, all);
};

/** The arguments of a `write` or `end` with the banner in the chunk, if there is to be one. */
function bannered(response: ServerResponse, answer: Answer, args: unknown[]): unknown[] {
  const chunk = safely(() => withBanner(response, args[0], () => answer.banner()));
  return chunk === null ? args : [chunk, ...args.slice(1)];
}

/** Tells what has been blocked since the headers were sent. */
function addTrailer(response: ServerResponse, answer: Answer): void {
  const { headersSent, chunkedEncoding, writableEnded } = response;
  if (!headersSent || !chunkedEncoding || writableEnded || !answer.takesTrailers) return;
  // addTrailers would put ours in the place of those that the program has set.
  if ((response as unknown as { _trailer?: string })._trailer !== '') return;
  const trailer = answer.trailer();
  if (trailer !== null) response.addTrailers({ 'Server-Timing': trailer });
}

/** Has the answer of a response changed when it begins. */
export function changeResponse(response: ServerResponse, answer: Answer, changes: Changes): void {
  const methods = response as unknown as Methods;
  methods.writeHead = writeHead;
  if (changes !== 'headers') methods.write = write;
  if (changes !== 'headers' || answer.takesTrailers) methods.end = end;
}
