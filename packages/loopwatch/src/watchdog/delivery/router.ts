/** Who delivers a report: the program itself, where it has a client or a logger, or the reporter. */
import { nowMs } from '../../shared/clock.js';
import type { Delivery, Setup, SinkClaim } from '../../shared/messages/messages.js';
import type { BlockRecord } from '../../shared/record/record.js';
import type { Moment, SinkName } from '../../shared/sinks/rules.js';
import type { Claims } from './claims.js';
import type { Outbox } from './outbox.js';
import type { PendingSymbolication } from './pending-symbolication.js';
import { post } from './post.js';
import type { SinkChoice } from './sink-choice.js';

/** Where it routes reports to, and by what. */
export interface Routes {
  readonly outbox: Pick<Outbox, 'deliver'>;
  readonly claims: Pick<Claims, 'open'>;
  readonly symbolication: Pick<PendingSymbolication, 'isFor' | 'wait'>;
  readonly choice: Pick<SinkChoice, 'isForProgram'>;
  /** Whether the main thread has ended. */
  isOver(): boolean;
}

/** What else is known of a delivery. */
export interface Circumstances {
  readonly moment: Moment;
  /** Whether the journal has it. */
  readonly isSafe: boolean;
}

/** Routes each report to one who delivers it, for every sink. */
export class Router {
  readonly #routes: Routes;
  #setup: Setup;

  constructor(setup: Setup, routes: Routes) {
    this.#setup = setup;
    this.#routes = routes;
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
    { moment, isSafe }: Circumstances,
  ): void {
    const own = delivery.sinks.filter((sink) => this.#isForProgram(sink, delivery, moment));
    const { symbolication } = this.#routes;
    const { sourceMaps } = this.#setup.settings;
    const isMapped = own.length > 0 && sourceMaps && symbolication.isFor(delivery.record);
    const claims = isMapped ? [] : own.flatMap((sink) => this.#claim(sink, delivery, moment) ?? []);
    post({ type: 'block', record: block, suppressed, claims });
    const isRouted = (name: SinkName) =>
      isMapped ? own.includes(name) : claims.some(({ sink }) => sink === name);
    this.#deliver(delivery, (sink) => !isRouted(sink), isSafe);
    if (isMapped) this.#routeSymbolicated({ ...delivery, sinks: own }, { moment, isSafe });
  }

  /** Has any other report delivered. */
  other(delivery: Delivery, { moment, isSafe }: Circumstances): void {
    const claims = delivery.sinks.flatMap((sink) => this.#claim(sink, delivery, moment) ?? []);
    for (const claim of claims) post({ type: 'claim', record: delivery.record, code: {}, claim });
    this.#deliver(delivery, (name) => !claims.some(({ sink }) => sink === name), isSafe);
  }

  /** Lets the reporter have what is left. */
  #deliver(delivery: Delivery, isLeft: (sink: SinkName) => boolean, isSafe: boolean): void {
    const sinks = delivery.sinks.filter(isLeft);
    if (sinks.length > 0) this.#routes.outbox.deliver({ ...delivery, sinks }, isSafe);
  }

  /**
   * Lets the program claim a report once it names the source code. What is delivered without the program
   * is the record as it was: the reporter finds the code itself.
   */
  #routeSymbolicated(
    delivery: Delivery & { readonly record: BlockRecord },
    { moment, isSafe }: Circumstances,
  ): void {
    this.#routes.symbolication.wait(delivery.record, nowMs(), (record, code) => {
      const isLeft = (sink: SinkName) => {
        const claim = this.#claim(sink, delivery, moment);
        if (claim !== null) post({ type: 'claim', record, code, claim });
        return claim === null;
      };
      this.#deliver(delivery, isLeft, isSafe);
    });
  }

  #isForProgram(sink: SinkName, delivery: Delivery, moment: Moment): boolean {
    const { choice, isOver } = this.#routes;
    return !isOver() && choice.isForProgram(sink, delivery, moment);
  }

  /**
   * Opens a claim for what the program itself has for a sink.
   *
   * @returns null when the reporter is to deliver it
   */
  #claim(sink: SinkName, delivery: Delivery, moment: Moment): SinkClaim | null {
    if (!this.#isForProgram(sink, delivery, moment)) return null;
    const place = this.#routes.claims.open({ ...delivery, sinks: [sink] }, nowMs());
    if (place === null) return null;
    return { ...place, sink, level: delivery.level, beat: moment.beat ?? 0 };
  }
}
