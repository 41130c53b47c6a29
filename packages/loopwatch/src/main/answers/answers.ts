/** What answers are to say, and which are to be replaced: decided once, when their headers are sent. */

import { wallMs } from '../../shared/clock.js';
import type { Settings } from '../../shared/options/option-schema.js';
import type {
  AnswerPages,
  BlamedBlock,
  LoadPages,
  StrictResponse,
} from '../../shared/text/block-facts.js';
import type { Answer, Field } from '../requests/answer.js';
import type { Blocking } from '../requests/blocking.js';
import { type Exchange, headerOf, pathOf } from '../requests/exchange.js';
import { type Facts, fieldsOf, queueMsOf, saysTiming, timingOf } from './response-fields.js';

/** How much of an answer may change: its headers, its body too, or all of it. */
export type Changes = 'headers' | 'body' | 'answer';

class ChangedAnswer implements Answer {
  replaced = false;
  /** Blocks that the headers told of. */
  #told = 0;
  readonly #exchange: Exchange;
  readonly #answers: Answers;
  #decided = false;

  constructor(exchange: Exchange, answers: Answers) {
    this.#exchange = exchange;
    this.#answers = answers;
  }

  instead(): StrictResponse | null {
    if (this.#decided) return null;
    this.#decided = true;
    return this.#answers.instead(this.#exchange);
  }

  banner(): string | null {
    return this.#answers.banner(this.#exchange);
  }

  fields(): Field[] {
    const facts = this.#answers.factsOf(this.#exchange);
    this.#told = facts.blocks;
    return this.#answers.fields(facts);
  }

  trailer(): string | null {
    const facts = this.#answers.factsOf(this.#exchange);
    return facts.blocks > this.#told ? timingOf(facts) : null;
  }

  get takesTrailers(): boolean {
    const te = headerOf(this.#exchange.request, 'te') ?? '';
    return te.split(',').some((one) => one.trim().toLowerCase() === 'trailers');
  }
}

/** Knows what the options want of answers. */
export class Answers {
  readonly #blocking: Blocking;
  readonly #loadPages: LoadPages;
  /** Null until they are loaded, which nothing waits for. */
  #pages: AnswerPages | null = null;
  #settings: Settings | null = null;
  #excluded: ReadonlySet<string> = new Set();

  constructor(blocking: Blocking, loadPages: LoadPages) {
    this.#blocking = blocking;
    this.#loadPages = loadPages;
  }

  configure(settings: Settings): void {
    this.#settings = saysTiming(settings) || settings.mode !== 'log' ? settings : null;
    this.#excluded = new Set(settings.excludePaths);
    if (this.#pages !== null || this.changes === 'headers') return;
    const failed = () => {};
    // Without its pages a mode only tells in headers.
    this.#loadPages().then((pages) => {
      this.#pages = pages;
    }, failed);
  }

  get changes(): Changes {
    if (this.#settings?.mode === 'strict') return 'answer';
    return this.#settings?.mode === 'warn' && this.#settings.banner ? 'body' : 'headers';
  }

  /** How the answer to a request is to be changed; null when it is none of our business. */
  to(exchange: Exchange): Answer | null {
    if (this.#settings === null) return null;
    const { url } = exchange.request;
    if (url !== undefined && this.#excluded.has(pathOf(url, []))) return null;
    exchange.answer = new ChangedAnswer(exchange, this);
    return exchange.answer;
  }

  factsOf(exchange: Exchange): Facts {
    const { count: blocks, ms: blockedMs } = this.#blocking.of(exchange);
    const name = this.#settings?.queueHeader ?? '';
    const header = headerOf(exchange.request, name);
    const queueMs = header === undefined ? null : queueMsOf(header, wallMs(exchange.startedAtMs));
    const isPending = this.#blocking.isPending(exchange);
    return { requestId: exchange.id, blocks, blockedMs, isPending, queueMs };
  }

  fields(facts: Facts): Field[] {
    return this.#settings === null ? [] : fieldsOf(facts, this.#settings);
  }

  /** What a request that has blocked the loop is answered with in strict mode; null for others. */
  instead(exchange: Exchange): StrictResponse | null {
    const block = this.changes === 'answer' ? this.#blockOf(exchange) : null;
    if (block === null || this.#pages === null) return null;
    return this.#pages.strict(block, headerOf(exchange.request, 'accept'));
  }

  /** What is put into the HTML that answers a request which has blocked the loop; null for others. */
  banner(exchange: Exchange): string | null {
    const block = this.changes === 'body' ? this.#blockOf(exchange) : null;
    return block === null ? null : (this.#pages?.banner(block) ?? null);
  }

  #blockOf(exchange: Exchange): BlamedBlock | null {
    const { count, ms } = this.#blocking.of(exchange);
    if (count === 0) return null;
    const { id: requestId, method, route, frames, isLate } = exchange;
    const path = exchange.path(this.#settings?.redact ?? []);
    const durationMs = Math.round(ms * 10) / 10;
    return { durationMs, frames, isLate, method, route, path, requestId };
  }
}
