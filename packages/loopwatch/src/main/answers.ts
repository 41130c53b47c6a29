/** What answers are to say, and which are to be replaced: decided once, when their headers are sent. */

import { wallMs } from '../shared/clock.js';
import { frameOf, isInApp, plainFile } from '../shared/frames.js';
import type { Settings } from '../shared/option-schema.js';
import type { StrictAnswer, StrictFacts, StrictResponse } from '../shared/strict.js';
import type { Blocking } from './blocking.js';
import { type Exchange, headerOf, pathOf } from './exchange.js';
import {
  type Facts,
  type Field,
  fieldsOf,
  queueMsOf,
  saysTiming,
  timingOf,
} from './response-fields.js';

/** How the answer to one request is to be changed. */
export class Answer {
  readonly exchange: Exchange;
  /** Whether another answer has taken the place of the program's. */
  replaced = false;
  /** Blocks that the headers told of. */
  told = 0;
  readonly #answers: Answers;
  #decided = false;

  constructor(exchange: Exchange, answers: Answers) {
    this.exchange = exchange;
    this.#answers = answers;
  }

  /** What to send instead, if anything: asked once, when the program begins to answer. */
  instead(): StrictResponse | null {
    if (this.#decided) return null;
    this.#decided = true;
    return this.#answers.instead(this.exchange);
  }

  /** The headers to add. */
  fields(): Field[] {
    const facts = this.#answers.factsOf(this.exchange);
    this.told = facts.blocks;
    return this.#answers.fields(facts);
  }

  /** The trailer to add; null when there is nothing that the headers have not told. */
  trailer(): string | null {
    const facts = this.#answers.factsOf(this.exchange);
    return facts.blocks > this.told ? timingOf(facts) : null;
  }

  /** Whether the client takes trailers. */
  get takesTrailers(): boolean {
    const te = headerOf(this.exchange.request, 'te') ?? '';
    return te.split(',').some((one) => one.trim().toLowerCase() === 'trailers');
  }
}

/** Knows what the options want of answers. */
export class Answers {
  readonly #blocking: Blocking;
  readonly #strictAnswer: StrictAnswer;
  #settings: Settings | null = null;
  #excluded: ReadonlySet<string> = new Set();

  constructor(blocking: Blocking, strictAnswer: StrictAnswer) {
    this.#blocking = blocking;
    this.#strictAnswer = strictAnswer;
  }

  configure(settings: Settings): void {
    this.#settings = saysTiming(settings) || settings.mode !== 'log' ? settings : null;
    this.#excluded = new Set(settings.excludePaths);
  }

  get isStrict(): boolean {
    return this.#settings?.mode === 'strict';
  }

  /** How the answer to a request is to be changed; null when it is none of our business. */
  to(exchange: Exchange): Answer | null {
    if (this.#settings === null) return null;
    const { url } = exchange.request;
    if (url !== undefined && this.#excluded.has(pathOf(url, []))) return null;
    return new Answer(exchange, this);
  }

  factsOf(exchange: Exchange): Facts {
    const { count: blocks, ms: blockedMs } = this.#blocking.of(exchange);
    const name = this.#settings?.queueHeader ?? '';
    const header = headerOf(exchange.request, name);
    const queueMs = header === undefined ? null : queueMsOf(header, wallMs(exchange.startedAtMs));
    return { requestId: exchange.id, blocks, blockedMs, queueMs };
  }

  fields(facts: Facts): Field[] {
    return this.#settings === null ? [] : fieldsOf(facts, this.#settings);
  }

  /** What a request that has blocked the loop is answered with in strict mode; null for others. */
  instead(exchange: Exchange): StrictResponse | null {
    if (this.#settings?.mode !== 'strict') return null;
    const { count, ms } = this.#blocking.of(exchange);
    if (count === 0) return null;
    const facts = strictFacts(exchange, ms, this.#settings.redact);
    return this.#strictAnswer(facts, headerOf(exchange.request, 'accept'));
  }
}

function strictFacts(exchange: Exchange, ms: number, redact: Settings['redact']): StrictFacts {
  const raw = exchange.frames?.find(([, file]) => isInApp(plainFile(file)));
  const { id: requestId, method, route } = exchange;
  let culprit: StrictFacts['culprit'] = null;
  if (raw !== undefined) {
    const { function: name, file, line, column } = frameOf(raw);
    culprit = { function: name, file, line, column };
  }
  const path = exchange.path(redact);
  const durationMs = Math.round(ms * 10) / 10;
  // What else the watchdog makes of it is in the report, which is not made yet.
  const later = { cause: 'unknown', advice: null, lines: [] };
  return { durationMs, culprit, method, route, path, requestId, ...later };
}
