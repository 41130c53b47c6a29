/** Hands each report to the sinks that want it, and acknowledges what they have taken. */
import { messageOf } from '../shared/errors.js';
import { JournalFolder } from '../shared/journal/journal-folder.js';
import { type Memory, Word } from '../shared/memory/memory.js';
import type { Acknowledgement, Delivery, Setup } from '../shared/messages/messages.js';
import { NOTE_LEVELS } from '../shared/options/levels.js';
import type { BlockRecord, Unconfirmed } from '../shared/record/record.js';
import { isEnded } from '../shared/record/reported.js';
import type { SinkName } from '../shared/sinks/rules.js';
import { Warnings } from './console/warnings.js';
import { SinkDelivery } from './sinks/delivery.js';
import type { MakeSink, SinkAround, SinkReport } from './sinks/sink.js';
import type { Readable } from './symbolicate/readable.js';

/** Deliveries between two looks at the bounds of the journal. */
const TRIM_EVERY = 100;

/** What a deliverer needs of those around it. */
export interface DelivererAround {
  /** The main thread's memory. */
  readonly memory: Memory;
  /** Loads the code of a sink; null when there is none, which was said. */
  load(name: SinkName): Promise<MakeSink | null>;
  /** Called when a sink is done with a report. */
  acknowledge(done: Acknowledgement): void;
  /** Says one line to the person who runs the program. */
  complain(text: string): void;
  /** Makes a report readable. */
  read(record: BlockRecord, use: (readable: Readable) => void): void;
}

/** Owns the sinks. */
export class Deliverer {
  readonly #around: DelivererAround;
  readonly #warnings = new Warnings();
  #setup: Setup;
  /** The code of the sinks: null while it is loaded, and where there is none. */
  readonly #makers = new Map<SinkName, MakeSink | null>();
  #sinks = new Map<SinkName, SinkDelivery>();
  #loading: Promise<unknown> | null = null;
  #isFinishing = false;
  #deliveries = 0;

  constructor(setup: Setup, around: DelivererAround) {
    this.#setup = setup;
    this.#around = around;
  }

  /** Loads the sinks that are not loaded yet; what is to be done with sinks meanwhile waits for that. */
  async load(names: readonly SinkName[]): Promise<void> {
    const missing = names.filter((name) => !this.#makers.has(name));
    if (missing.length === 0) return;
    const loading = Promise.all([this.#loading, ...missing.map((name) => this.#load(name))]);
    this.#loading = loading;
    await loading;
    if (this.#loading === loading) this.#loading = null;
  }

  async #load(name: SinkName): Promise<void> {
    this.#makers.set(name, null);
    const make = await this.#around.load(name);
    this.#makers.set(name, make);
    this.#make(name, make);
  }

  #make(name: SinkName, make: MakeSink | null): void {
    if (make === null) return;
    const { complain } = this.#around;
    const box: SinkAround['box'] = (readable) => this.#warnings.box(readable);
    try {
      const sink = new SinkDelivery(name, make({ setup: this.#setup, complain, box }), complain);
      this.#sinks.set(name, sink);
      if (this.#isFinishing) sink.flush();
    } catch (error) {
      complain(`the sink ${name} can't be made: ${messageOf(error)}`);
    }
  }

  /** Calls at once, unless sinks are being loaded: an exit must not wait for more than it has to. */
  #whenLoaded(call: () => void): void {
    if (this.#loading === null) call();
    else void this.#loading.then(() => this.#whenLoaded(call));
  }

  /** @param names the sinks that the process now has */
  configure(setup: Setup, names: readonly SinkName[]): void {
    this.#setup = setup;
    // What the old ones were given they still bring out.
    this.#flush();
    this.#sinks = new Map();
    for (const [name, make] of this.#makers) this.#make(name, make);
    void this.load(names);
  }

  deliver(delivery: Delivery): void {
    if (this.#deliveries++ % TRIM_EVERY === 0) this.#trim();
    const { record, level } = delivery;
    if (record.kind === 'dead-client') {
      this.#hand(delivery, { record, level, context: () => null });
      return;
    }
    this.#around.read(record, ({ record, context }) => {
      this.#hand(delivery, { record, level, context });
    });
  }

  #hand(delivery: Delivery, report: SinkReport): void {
    // The program may have got a client of its own for one since the reporter's start.
    void this.load(delivery.sinks);
    this.#whenLoaded(() => this.#handNow(delivery, report));
  }

  #handNow({ record, sinks, parcels }: Delivery, report: SinkReport): void {
    const { id } = record;
    const ended = isEnded(record);
    for (const name of sinks) {
      const acknowledge = (taken: boolean) => {
        this.#around.acknowledge({ type: 'acknowledged', id, ended, sink: name, taken });
      };
      const sink = this.#sinks.get(name);
      // The journal keeps it for a process that has the sink; an exit must not wait for it.
      if (sink === undefined) acknowledge(false);
      else void sink.deliver(report, parcels[name] ?? null).then(acknowledge);
    }
  }

  /** Keeps the journal within its bounds: here, since looking at 1000 files takes some ms. */
  #trim(): void {
    const dropped = new JournalFolder(this.#setup.settings.journalDir).trim(Date.now());
    if (dropped === 0) return;
    Atomics.add(this.#around.memory.words, Word.trimmed, dropped);
    this.#around.complain(`${dropped} old reports were dropped, the journal is full`);
  }

  unconfirmed(event: Unconfirmed): void {
    this.#whenLoaded(() => {
      for (const sink of this.#sinks.values()) sink.unconfirmed(event);
    });
  }

  /** Shows a block on the console. */
  warn(readable: Readable): void {
    this.#warnings.show(readable);
  }

  /** The process ends, or the watch: nothing may stay in a buffer. */
  finish(): void {
    this.#isFinishing = true;
    this.#whenLoaded(() => this.#flush());
  }

  #flush(): void {
    for (const sink of this.#sinks.values()) sink.flush();
  }

  /** Tells those who want to know that much what loopwatch itself does. */
  note(level: keyof typeof NOTE_LEVELS, text: string): void {
    this.#whenLoaded(() => {
      for (const sink of this.#sinks.values()) sink.note(NOTE_LEVELS[level], text);
    });
  }
}
