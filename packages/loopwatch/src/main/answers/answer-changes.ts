/** Has the answers to requests changed as the options say, whichever protocol they are of. */
import type { ServerResponse } from 'node:http';
import type { Settings } from '../../shared/options/option-schema.js';
import type { Exchange } from '../requests/exchange.js';
import type { ServerStream } from '../requests/http2-requests.js';
import type { Answers } from './answers.js';
import { changeResponse } from './http1-answers.js';
import { changeStream } from './http2-answers.js';

export class AnswerChanges {
  readonly #answers: Answers;

  constructor(answers: Answers) {
    this.#answers = answers;
  }

  configure(settings: Settings): void {
    this.#answers.configure(settings);
  }

  /** A request of HTTP/1 has begun. */
  ofResponse(response: ServerResponse, exchange: Exchange): void {
    const answer = this.#answers.to(exchange);
    if (answer !== null) changeResponse(response, answer, this.#answers.changes);
  }

  /** One of HTTP/2 has begun. */
  ofStream(stream: ServerStream, exchange: Exchange): void {
    const answer = this.#answers.to(exchange);
    if (answer !== null) changeStream(stream, this.#answers.changes);
  }
}
