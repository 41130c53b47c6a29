/** Who delivers a report: the program itself, where it has a client or a logger, or the reporter. */
import { nowMs } from '../../shared/clock.js';
import type { SinkName } from '../../shared/journal/journal-name.js';
import type { Delivery, Setup, SinkOffer } from '../../shared/messages/messages.js';
import { isLogged } from '../../shared/options/levels.js';
import type { BlockRecord } from '../../shared/record/record.js';
import { isEnded } from '../../shared/record/reported.js';
import type { Offers } from './offers.js';
import type { Outbox } from './outbox.js';
import type { Readers } from './readers.js';
import { say } from './say.js';

/** Those that it hands reports to. */
export interface Takers {
  readonly outbox: Pick<Outbox, 'deliver'>;
  readonly offers: Pick<Offers, 'make'>;
  readonly readers: Pick<Readers, 'isFor' | 'wait'>;
  /** Whether the main thread has ended. */
  isOver(): boolean;
}

/** What else is known of a delivery. */
export interface Circumstances {
  /** What the program's Sentry client knows the moment by; null when that can't be asked. */
  readonly beat: number | null;
  /** Whether the journal has it. */
  readonly isSafe: boolean;
}

/** Hands reports out, each to one for every sink. */
export class Handover {
  readonly #takers: Takers;
  #setup: Setup;

  constructor(setup: Setup, takers: Takers) {
    this.#setup = setup;
    this.#takers = takers;
  }

  configure(setup: Setup): void {
    this.#setup = setup;
  }

  /**
   * Tells the program of a block, and has it delivered.
   *
   * @param block as the program's listeners get it
   * @param suppressed how many of its kind were held back before it
   */
  block(
    block: BlockRecord,
    suppressed: number,
    delivery: Delivery & { readonly record: BlockRecord },
    { beat, isSafe }: Circumstances,
  ): void {
    const own = delivery.sinks.filter((sink) => this.#isForProgram(sink, delivery, beat));
    const { readers } = this.#takers;
    const { sourceMaps } = this.#setup.settings;
    const isMapped = own.length > 0 && sourceMaps && readers.isFor(delivery.record);
    const offers = isMapped ? [] : own.flatMap((sink) => this.#offer(sink, delivery, beat) ?? []);
    say({ type: 'block', record: block, suppressed, offers });
    const isTaken = (name: SinkName) =>
      isMapped ? own.includes(name) : offers.some(({ sink }) => sink === name);
    this.#deliver(delivery, (sink) => !isTaken(sink), isSafe);
    if (isMapped) this.#offerReadable({ ...delivery, sinks: own }, { beat, isSafe });
  }

  /**
   * Has any other report delivered.
   *
   * @param sink the one that the program is offered it for; null for none
   */
  other(delivery: Delivery, sink: SinkName | null, { beat, isSafe }: Circumstances): void {
    const offer = sink === null ? null : this.#offer(sink, delivery, beat);
    if (offer !== null) say({ type: 'offer', record: delivery.record, code: {}, offer });
    this.#deliver(delivery, (name) => name !== offer?.sink, isSafe);
  }

  /** Lets the reporter have what is left. */
  #deliver(delivery: Delivery, isLeft: (sink: SinkName) => boolean, isSafe: boolean): void {
    const sinks = delivery.sinks.filter(isLeft);
    if (sinks.length > 0) this.#takers.outbox.deliver({ ...delivery, sinks }, isSafe);
  }

  /**
   * Offers a report once it names the source code. What is delivered without the program is the record
   * as it was: the reporter finds the code itself.
   */
  #offerReadable(
    delivery: Delivery & { readonly record: BlockRecord },
    { beat, isSafe }: Circumstances,
  ): void {
    this.#takers.readers.wait(delivery.record, nowMs(), (record, code) => {
      const isLeft = (sink: SinkName) => {
        const offer = this.#offer(sink, delivery, beat);
        if (offer !== null) say({ type: 'offer', record, code, offer });
        return offer === null;
      };
      this.#deliver(delivery, isLeft, isSafe);
    });
  }

  /** Whether the program itself has what delivers to a sink, and can use it. */
  #isForProgram(sink: SinkName, { level, record }: Delivery, beat: number | null): boolean {
    if (this.#takers.isOver()) return false;
    if (sink === 'sentry') return beat !== null;
    // Who hangs can't log it; the line about the end is for the program again.
    const isOver = isEnded(record) || record.previousProcess;
    return this.#setup.hasLogger && isOver && isLogged(level, this.#setup);
  }

  /**
   * Offers a report to what the program itself has for a sink.
   *
   * @returns null when the reporter is to deliver it
   */
  #offer(sink: SinkName, all: Delivery, beat: number | null): SinkOffer | null {
    if (!this.#isForProgram(sink, all, beat)) return null;
    const place = this.#takers.offers.make({ ...all, sinks: [sink] }, nowMs());
    if (place === null) return null;
    if (sink === 'log') return { ...place, sink, level: all.level };
    return beat === null ? null : { ...place, sink, beat };
  }
}
