/** Hands each report to the sinks that want it, and acknowledges what they have taken. */
import { messageOf } from '../shared/errors.js';
import { JournalFolder } from '../shared/journal-folder.js';
import { isLogged, NOTE_LEVELS } from '../shared/levels.js';
import { type Memory, Word } from '../shared/memory.js';
import type {
  Acknowledgement,
  Delivery,
  SentryTarget,
  Setup,
  SinkName,
} from '../shared/messages.js';
import type { Unconfirmed } from '../shared/record.js';
import { LogSink } from './sinks/pino.js';
import { SentrySink } from './sinks/sentry.js';

/** Deliveries between two looks at the bounds of the journal. */
const TRIM_EVERY = 100;

/** Owns the sinks, which are made when first needed. */
export class Deliverer {
  #setup: Setup;
  #log: LogSink | undefined;
  /** By DSN: the environment's, and that of the program's own client. */
  readonly #sentries = new Map<string, SentrySink>();
  #deliveries = 0;
  readonly #memory: Memory;
  readonly #acknowledge: (done: Acknowledgement) => void;
  readonly #complain: (text: string) => void;

  /**
   * @param memory the main thread's
   * @param acknowledge called when a sink is done with a report
   * @param complain says one line to the person who runs the program
   */
  constructor(
    setup: Setup,
    memory: Memory,
    acknowledge: (done: Acknowledgement) => void,
    complain: (text: string) => void,
  ) {
    this.#setup = setup;
    this.#memory = memory;
    this.#acknowledge = acknowledge;
    this.#complain = complain;
  }

  configure(setup: Setup): void {
    this.#setup = setup;
    this.#log = undefined;
    this.#sentries.clear();
  }

  deliver({ record, sinks, level, target, detail }: Delivery): void {
    if (this.#deliveries++ % TRIM_EVERY === 0) this.#trim();
    const { id, ended } = record;
    const done = (sink: SinkName, taken = true) => {
      this.#acknowledge({ type: 'acknowledged', id, ended, sink, taken });
    };
    if (sinks.includes('log'))
      done(
        'log',
        this.#writeLog((log) => log.write(record, level)),
      );
    if (!sinks.includes('sentry')) return;
    if (target === null) done('sentry');
    else
      void this.#sentryFor(target)
        .deliver(record, detail)
        .then(() => done('sentry'));
  }

  #sentryFor(target: SentryTarget): SentrySink {
    const known = this.#sentries.get(target.dsn);
    if (known !== undefined) return known;
    const sink = new SentrySink(target, this.#complain);
    this.#sentries.set(target.dsn, sink);
    return sink;
  }

  /** Keeps the journal within its bounds: here, since looking at 1000 files takes some ms. */
  #trim(): void {
    const dropped = new JournalFolder(this.#setup.settings.journalDir).trim(Date.now());
    if (dropped === 0) return;
    Atomics.add(this.#memory.words, Word.trimmed, dropped);
    this.#complain(`${dropped} old reports were dropped, the journal is full`);
  }

  unconfirmed(event: Unconfirmed): void {
    this.#writeLog((log) => log.writeUnconfirmed(event));
  }

  /** Tells those who want to know that much what loopwatch itself does. */
  note(level: keyof typeof NOTE_LEVELS, text: string): void {
    const number = NOTE_LEVELS[level];
    if (isLogged(number, this.#setup.settings))
      this.#writeLog((log) => log.writeNote(number, text));
  }

  /** @returns whether it was written */
  #writeLog(write: (log: LogSink) => void): boolean {
    try {
      this.#log ??= new LogSink(this.#setup.settings);
      write(this.#log);
      return true;
    } catch (error) {
      this.#complain(`the log can't be written: ${messageOf(error)}`);
      return false;
    }
  }
}
