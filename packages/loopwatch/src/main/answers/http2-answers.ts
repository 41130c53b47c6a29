/** Changes the answers of node:http2, on each stream alone. */

import type { Answer } from '../requests/answer.js';
import { exchangeOf } from '../requests/exchange.js';
import type { ServerStream } from '../requests/http2-requests.js';
import type { Changes } from './answers.js';
import { type Given, withFields } from './response-fields.js';

type Method = (this: ServerStream, ...args: unknown[]) => unknown;
type Name = 'respond' | 'respondWithFD' | 'respondWithFile' | 'write' | 'end';
type Methods = Record<Name, Method>;

function answerOf(stream: ServerStream): Answer | null {
  return exchangeOf(stream)?.answer ?? null;
}

function own(stream: ServerStream): Methods {
  return Object.getPrototypeOf(stream) as Methods;
}

function isHead(stream: ServerStream): boolean {
  return exchangeOf(stream)?.method === 'HEAD';
}

/** @returns whether another answer was sent in the place of the program's */
function replaceIfBlamed(stream: ServerStream, answer: Answer): boolean {
  const instead = answer.instead();
  if (instead === null) return false;
  answer.replaced = true;
  const { status, headers, body } = instead;
  const endStream = isHead(stream);
  const all = withFields({ ':status': status, ...headers }, null, lowered(answer));
  own(stream).respond.call(stream, all, { endStream });
  if (!endStream) own(stream).end.call(stream, body);
  return true;
}

function lowered(answer: Answer) {
  return answer.fields().map((field) => ({ ...field, name: field.name.toLowerCase() }));
}

/** One of the three methods that send headers. @param at which argument has them */
function responding(name: Name, at: number): Method {
  return function (this, ...args) {
    const answer = answerOf(this);
    const original = own(this)[name];
    if (answer?.replaced === true) return undefined;
    if (answer === null || this.headersSent) return original.apply(this, args);
    try {
      if (replaceIfBlamed(this, answer)) return undefined;
      args[at] = withFields(args[at] as Given, null, lowered(answer));
    } catch {
      // Ours failed: the answer goes as it was meant to.
    }
    return original.apply(this, args);
  };
}

/** A method that has nothing more to write once the answer is another one. */
function writing(name: 'write' | 'end'): Method {
  return function (this, ...args) {
    if (answerOf(this)?.replaced !== true) return own(this)[name].apply(this, args);
    const last = args.at(-1);
    if (typeof last === 'function') process.nextTick(last as () => void);
    return name === 'write' ? true : this;
  };
}

const changed = {
  respond: responding('respond', 0),
  respondWithFD: responding('respondWithFD', 1),
  respondWithFile: responding('respondWithFile', 1),
};
const inStrict = { write: writing('write'), end: writing('end') };

/** Has the answer of a stream changed when it begins. */
export function changeStream(stream: ServerStream, changes: Changes): void {
  Object.assign(stream, changed, changes === 'answer' ? inStrict : {});
}
