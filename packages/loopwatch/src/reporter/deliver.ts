/** Hands each report to the sinks that want it, and acknowledges what they have taken. */
import { JournalFolder } from '../shared/journal/journal-folder.js';
import type { SinkName } from '../shared/journal/journal-name.js';
import { type Memory, Word } from '../shared/memory/memory.js';
import type { Acknowledgement, Delivery, Setup } from '../shared/messages/messages.js';
import { isLogged, NOTE_LEVELS } from '../shared/options/levels.js';
import type { BlockRecord, Unconfirmed } from '../shared/record/record.js';
import { isEnded } from '../shared/record/reported.js';
import type { SentryTarget } from '../shared/sentry/sentry.js';
import { Warnings } from './console/warnings.js';
import { type Done, LogSink } from './sinks/log/sink.js';
import { blockDraft, deadClientDraft, type EventDraft } from './sinks/sentry/event-draft.js';
import { SentrySink } from './sinks/sentry/sink.js';
import type { Readable } from './symbolicate/readable.js';

/** Deliveries between two looks at the bounds of the journal. */
const TRIM_EVERY = 100;

/** Passes a report on when it was made readable. */
type Read = (record: BlockRecord, use: (readable: Readable) => void) => void;

/** Owns the sinks, which are made when first needed. */
export class Deliverer {
  #setup: Setup;
  #log: LogSink;
  #isFinishing = false;
  /** By their targets: the environment's, that of the program's own client, those of others. */
  readonly #sentries = new Map<string, SentrySink>();
  #deliveries = 0;
  readonly #warnings = new Warnings();
  readonly #memory: Memory;
  readonly #acknowledge: (done: Acknowledgement) => void;
  readonly #complain: (text: string) => void;
  readonly #read: Read;

  /**
   * @param memory the main thread's
   * @param acknowledge called when a sink is done with a report
   * @param complain says one line to the person who runs the program
   * @param read makes a report readable
   */
  constructor(
    setup: Setup,
    memory: Memory,
    acknowledge: (done: Acknowledgement) => void,
    complain: (text: string) => void,
    read: Read,
  ) {
    this.#setup = setup;
    this.#memory = memory;
    this.#acknowledge = acknowledge;
    this.#complain = complain;
    this.#read = read;
    this.#log = new LogSink(setup, this.#warnings, complain);
  }

  configure(setup: Setup): void {
    this.#setup = setup;
    // What the old one was given it still brings out.
    this.#log.finish();
    this.#log = new LogSink(setup, this.#warnings, this.#complain);
    if (this.#isFinishing) this.#log.finish();
    this.#sentries.clear();
  }

  deliver(delivery: Delivery): void {
    if (this.#deliveries++ % TRIM_EVERY === 0) this.#trim();
    const { record, level } = delivery;
    if (record.kind === 'dead-client') {
      const write = (done: Done) => this.#log.writeDeadClient(record, level, done);
      this.#hand(delivery, deadClientDraft(record), write);
      return;
    }
    this.#read(record, (readable) => {
      const write = (done: Done) => this.#log.write(readable, level, done);
      this.#hand(delivery, blockDraft(readable), write);
    });
  }

  #hand({ record, sinks, sentry }: Delivery, draft: EventDraft, write: (done: Done) => void): void {
    const { id } = record;
    const ended = isEnded(record);
    const done = (sink: SinkName, taken = true) => {
      this.#acknowledge({ type: 'acknowledged', id, ended, sink, taken });
    };
    if (sinks.includes('log')) write((taken) => done('log', taken));
    if (!sinks.includes('sentry')) return;
    if (sentry === null) done('sentry');
    else
      void this.#sentryFor(sentry.target)
        .deliver(draft, sentry)
        .then(() => done('sentry'));
  }

  #sentryFor(target: SentryTarget): SentrySink {
    const key = JSON.stringify(target);
    const known = this.#sentries.get(key);
    if (known !== undefined) return known;
    const sink = new SentrySink(target, this.#complain);
    this.#sentries.set(key, sink);
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
    this.#log.tell(event);
  }

  /** Shows a block on the console. */
  warn(readable: Readable): void {
    this.#warnings.show(readable);
  }

  /** The process ends, or the watch: nothing may stay in a buffer. */
  finish(): void {
    this.#isFinishing = true;
    this.#log.finish();
  }

  /** Tells those who want to know that much what loopwatch itself does. */
  note(level: keyof typeof NOTE_LEVELS, text: string): void {
    const number = NOTE_LEVELS[level];
    if (isLogged(number, this.#setup)) this.#log.note(number, text);
  }
}
