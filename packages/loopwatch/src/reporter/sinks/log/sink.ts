/** The log: the transports that the user asked for, else straight to where `log` says. */

import { hintOf } from '../../../shared/advice/hint.js';
import { messageOf } from '../../../shared/errors.js';
import { isLogged, UNCONFIRMED_LEVEL, warnsOf } from '../../../shared/options/levels.js';
import { sentence, type Unconfirmed, unconfirmedSentence } from '../../../shared/record/record.js';
import type { MakeSink, Outcome, Sink, SinkAround, SinkReport } from '../sink.js';
import { DirectLog } from './direct-log.js';
import type { Line } from './line.js';
import { pretty } from './pretty.js';
import { Transport } from './transport.js';

/** Called once for each line, at once or later, with whether it was written. */
type Done = (isWritten: boolean) => void;

class LogSink implements Sink {
  /** What can't be written now is left to the journal: a disk that is full stays so for a while. */
  readonly retry = null;
  readonly #around: SinkAround;
  readonly #transports: readonly Transport[];
  #direct: DirectLog | undefined;

  constructor(around: SinkAround) {
    const { home, settings } = around.setup;
    this.#around = around;
    this.#transports =
      home === null
        ? []
        : settings.logTransport.map((target) => {
            return new Transport(target, settings, home, (text) => around.complain(text));
          });
  }

  accepts(): boolean {
    return true;
  }

  deliver(report: SinkReport): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#line(this.#lineOf(report), (isWritten) => {
        resolve({ kind: isWritten ? 'taken' : 'failed' });
      });
    });
  }

  #lineOf({ record, level, context }: SinkReport): Line {
    if (record.kind === 'dead-client') {
      return { level, fields: { deadClient: record }, ...plainly(record.message) };
    }
    const { setup } = this.#around;
    const warns = warnsOf(level, setup.settings);
    const forPeople = (colours: boolean) => {
      const box = warns ? this.#around.box({ record, context }) : null;
      return box ?? pretty(record, colours, context);
    };
    const hint = hintOf(record, context);
    const fields = { block: record, ...(hint === null ? {} : { hint }) };
    return { level, fields, text: sentence(record), pretty: forPeople };
  }

  unconfirmed(unconfirmed: Unconfirmed): void {
    const text = unconfirmedSentence(unconfirmed);
    this.#line({ level: UNCONFIRMED_LEVEL, fields: { unconfirmed }, ...plainly(text) }, () => {});
  }

  note(level: number, text: string): void {
    if (!isLogged(level, this.#around.setup)) return;
    this.#line({ level, fields: {}, ...plainly(text) }, () => {});
  }

  flush(): void {
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

  #writeDirectly(line: Line): boolean {
    const { setup, complain } = this.#around;
    if (setup.settings.log === 'off') return false;
    try {
      this.#direct ??= new DirectLog(setup.settings);
      this.#direct.write(line);
      return true;
    } catch (error) {
      complain(`the log can't be written: ${messageOf(error)}`);
      return false;
    }
  }
}

/** A text as it is, in both forms. */
function plainly(text: string): Pick<Line, 'text' | 'pretty'> {
  return { text, pretty: () => `loopwatch: ${text}\n` };
}

export const makeSink: MakeSink = (around) => new LogSink(around);
