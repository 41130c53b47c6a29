/** Writing reports with the program's own logger, on its own thread, when its loop turns. */
import { adviceOf } from '../../shared/advice/choose-advice.js';
import { messageOf } from '../../shared/errors.js';
import type { Setup } from '../../shared/messages/messages.js';
import { notice } from '../../shared/notice.js';
import {
  DEAD_CLIENT_LEVEL,
  isLogged,
  methodOf,
  UNCONFIRMED_LEVEL,
} from '../../shared/options/levels.js';
import type { LogFields, ProgramLogger } from '../../shared/options/log-options.js';
import type { DeadClient } from '../../shared/record/dead-client.js';
import { sentence, type Unconfirmed, unconfirmedSentence } from '../../shared/record/record.js';
import type { Reported } from '../../shared/record/reported.js';
import { type Code, codeKey } from '../../shared/sources/source-context.js';

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}

/** Says whether a line was logged: at once, so that an exit that follows knows, where it can. */
type Answer = (wasLogged: boolean) => void;

/** Calls the logger, and lets nothing that it throws reach the program. */
export class ProgramLog {
  #logger: ProgramLogger | null;
  #complained = false;

  constructor(logger: ProgramLogger | null) {
    this.#logger = logger;
  }

  configure(logger: ProgramLogger | null): void {
    this.#logger = logger;
  }

  /** @param code what source maps say of it */
  write(record: Reported, code: Readonly<Code>, level: number, answer: Answer): void {
    if (record.kind === 'dead-client') {
      this.#line(level, { deadClient: record }, record.message, answer);
      return;
    }
    const { file = null, line = null } = record.culprit ?? {};
    const advice = adviceOf(record, code[codeKey(file, line)]?.line);
    const hint = advice === null ? {} : { hint: advice.hint };
    this.#line(level, { block: record, ...hint }, sentence(record), answer);
  }

  /** Writes of a late beat that was no block; the logger has it, or nobody. */
  writeUnconfirmed(event: Unconfirmed, setup: Setup): void {
    if (this.#logger === null || !isLogged(UNCONFIRMED_LEVEL, setup)) return;
    this.#line(UNCONFIRMED_LEVEL, { unconfirmed: event }, unconfirmedSentence(event), () => {});
  }

  /**
   * Writes of a dead client; the logger has it, or the reporter.
   *
   * @returns whether the logger has it; one that answers later is believed
   */
  writeDeadClient(client: DeadClient, setup: Setup): boolean {
    if (this.#logger === null || !isLogged(DEAD_CLIENT_LEVEL, setup)) return false;
    let isTaken = true;
    this.write(client, {}, DEAD_CLIENT_LEVEL, (wasLogged) => {
      isTaken = wasLogged;
    });
    return isTaken;
  }

  #line(level: number, fields: LogFields, text: string, answer: Answer): void {
    const failed = (error: unknown) => {
      answer(false);
      if (this.#complained) return;
      this.#complained = true;
      notice(`the logger failed: ${messageOf(error)}`);
    };
    if (this.#logger === null) {
      answer(false);
      return;
    }
    try {
      const result = this.#logger[methodOf(level)](fields, text);
      if (isPromise(result)) result.then(() => answer(true), failed);
      else answer(true);
    } catch (error) {
      failed(error);
    }
  }
}
