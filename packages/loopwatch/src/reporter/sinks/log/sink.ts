/** The log: the transports that the user asked for, else straight to where `log` says. */

import { hintOf } from '../../../shared/advice/hint.js';
import { messageOf } from '../../../shared/errors.js';
import type { Setup } from '../../../shared/messages/messages.js';
import { UNCONFIRMED_LEVEL, warnsOf } from '../../../shared/options/levels.js';
import type { DeadClient } from '../../../shared/record/dead-client.js';
import { sentence, type Unconfirmed, unconfirmedSentence } from '../../../shared/record/record.js';
import type { Warnings } from '../../console/warnings.js';
import type { Readable } from '../../symbolicate/readable.js';
import { DirectLog } from './direct-log.js';
import type { Line } from './line.js';
import { pretty } from './pretty.js';
import { Transport } from './transport.js';

/** Called once for each line, at once or later. */
export type Done = (taken: boolean) => void;

export class LogSink {
  readonly #setup: Setup;
  readonly #warnings: Warnings;
  readonly #complain: (text: string) => void;
  readonly #transports: readonly Transport[];
  #direct: DirectLog | undefined;

  /**
   * @param warnings what is shown to people in warn mode
   * @param complain says one line to the person who runs the program
   */
  constructor(setup: Setup, warnings: Warnings, complain: (text: string) => void) {
    const { home, settings } = setup;
    this.#warnings = warnings;
    this.#setup = setup;
    this.#complain = complain;
    this.#transports =
      home === null
        ? []
        : settings.logTransport.map((target) => new Transport(target, settings, home, complain));
  }

  write(readable: Readable, level: number, done: Done): void {
    const { record, context } = readable;
    const text = sentence(record);
    const warns = warnsOf(level, this.#setup.settings);
    const forPeople = (colours: boolean) => {
      return (warns ? this.#warnings.box(readable) : null) ?? pretty(record, colours, context);
    };
    const hint = hintOf(record, context);
    const fields = { block: record, ...(hint === null ? {} : { hint }) };
    this.#line({ level, fields, text, pretty: forPeople }, done);
  }

  tell(unconfirmed: Unconfirmed): void {
    const text = unconfirmedSentence(unconfirmed);
    const line: Line = {
      ...{ level: UNCONFIRMED_LEVEL, fields: { unconfirmed }, text },
      pretty: () => `loopwatch: ${text}\n`,
    };
    this.#line(line, () => {});
  }

  writeDeadClient(deadClient: DeadClient, level: number, done: Done): void {
    const text = deadClient.message;
    this.#line({ level, fields: { deadClient }, text, pretty: () => `loopwatch: ${text}\n` }, done);
  }

  /** Says something of loopwatch itself. */
  note(level: number, text: string): void {
    this.#line({ level, fields: {}, text, pretty: () => `loopwatch: ${text}\n` }, () => {});
  }

  /** Brings out what is in a buffer, and leaves nothing there from now on. */
  finish(): void {
    for (const transport of this.#transports) transport.finish();
  }

  /** What a transport does not take goes where `log` says, once. */
  #line(line: Line, done: Done): void {
    let left = this.#transports.length;
    if (left === 0) {
      done(this.#writeDirectly(line));
      return;
    }
    let failed = false;
    for (const transport of this.#transports) {
      transport.write(line, (taken) => {
        failed ||= !taken;
        if (--left === 0) done(failed ? this.#writeDirectly(line) : true);
      });
    }
  }

  /** @returns whether it was written */
  #writeDirectly(line: Line): boolean {
    const { settings } = this.#setup;
    if (settings.log === 'off') return false;
    try {
      this.#direct ??= new DirectLog(settings);
      this.#direct.write(line);
      return true;
    } catch (error) {
      this.#complain(`the log can't be written: ${messageOf(error)}`);
      return false;
    }
  }
}
