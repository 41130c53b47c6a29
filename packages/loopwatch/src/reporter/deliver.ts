/** Hands each report to the sinks that want it, and acknowledges what they have taken. */
import { JournalFolder } from '../shared/journal/journal-folder.js';
import { type Memory, Word } from '../shared/memory/memory.js';
import type { Acknowledgement, Delivery, Setup } from '../shared/messages/messages.js';
import { NOTE_LEVELS } from '../shared/options/levels.js';
import type { BlockRecord, Unconfirmed } from '../shared/record/record.js';
import { isEnded } from '../shared/record/reported.js';
import type { SinkName } from '../shared/sinks/rules.js';
import { Warnings } from './console/warnings.js';
import type { SinkMakers } from './load-sinks.js';
import { SinkDelivery } from './sinks/delivery.js';
import type { SinkReport } from './sinks/sink.js';
import type { Readable } from './symbolicate/readable.js';

/** Deliveries between two looks at the bounds of the journal. */
const TRIM_EVERY = 100;

/** What a deliverer needs of those around it. */
export interface DelivererAround {
  /** The main thread's memory. */
  readonly memory: Memory;
  readonly makers: SinkMakers;
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
  #sinks: ReadonlyMap<SinkName, SinkDelivery>;
  #isFinishing = false;
  #deliveries = 0;

  constructor(setup: Setup, around: DelivererAround) {
    this.#setup = setup;
    this.#around = around;
    this.#sinks = this.#made();
  }

  #made(): ReadonlyMap<SinkName, SinkDelivery> {
    const { complain } = this.#around;
    const box = (readable: Pick<Readable, 'record' | 'context'>) => this.#warnings.box(readable);
    const around = { setup: this.#setup, complain, box };
    return new Map(
      [...this.#around.makers].map(([name, make]) => {
        return [name, new SinkDelivery(name, make(around), complain)];
      }),
    );
  }

  configure(setup: Setup): void {
    this.#setup = setup;
    // What the old ones were given they still bring out.
    this.#flush();
    this.#sinks = this.#made();
    if (this.#isFinishing) this.#flush();
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

  #hand({ record, sinks, parcels }: Delivery, report: SinkReport): void {
    const { id } = record;
    const ended = isEnded(record);
    for (const name of sinks) {
      const sink = this.#sinks.get(name);
      void sink?.deliver(report, parcels[name] ?? null).then((taken) => {
        this.#around.acknowledge({ type: 'acknowledged', id, ended, sink: name, taken });
      });
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
    for (const { sink } of this.#sinks.values()) sink.unconfirmed?.(event);
  }

  /** Shows a block on the console. */
  warn(readable: Readable): void {
    this.#warnings.show(readable);
  }

  /** The process ends, or the watch: nothing may stay in a buffer. */
  finish(): void {
    this.#isFinishing = true;
    this.#flush();
  }

  #flush(): void {
    for (const { sink } of this.#sinks.values()) sink.flush?.();
  }

  /** Tells those who want to know that much what loopwatch itself does. */
  note(level: keyof typeof NOTE_LEVELS, text: string): void {
    for (const { sink } of this.#sinks.values()) sink.note?.(NOTE_LEVELS[level], text);
  }
}
