/** What becomes of the reports of a process: put together of those who decide and those who bring. */

import { nowMs } from '../../shared/clock.js';
import { memory, Word } from '../../shared/memory/memory.js';
import type { FileMap, ForStatus, FoundDeadClient, Setup } from '../../shared/messages/messages.js';
import { notice } from '../../shared/notice.js';
import {
  DEAD_CLIENT_LEVEL,
  isLogged,
  UNCONFIRMED_LEVEL,
  warnsOf,
} from '../../shared/options/levels.js';
import type { CaptureNews } from '../../shared/record/captures.js';
import type { BlockRecord, Unconfirmed } from '../../shared/record/record.js';
import { isEnded, type Reported } from '../../shared/record/reported.js';
import type { SentryEvidence } from '../../shared/sentry/sentry.js';
import type { SinkName } from '../../shared/sinks/rules.js';
import { rulesOf } from '../../shared/sinks/table.js';
import { processNow } from '../verdict/record.js';
import type { Report } from '../verdict/report.js';
import { BlockReports } from './block-reports.js';
import { Caps } from './caps.js';
import { Claims } from './claims.js';
import { Journal } from './journal.js';
import { Outbox } from './outbox.js';
import { PendingSymbolication } from './pending-symbolication.js';
import { Pickup } from './pickup.js';
import { post } from './post.js';
import { Router } from './router.js';
import { SinkChoice } from './sink-choice.js';

/**
 * Deliveries under way with which no more are taken over: other processes share the work, and one
 * server that is down must not hold back what others would take.
 */
const MOST_UNDER_WAY = 8;

/** What a dispatch needs of those around it. */
export interface DispatchAround {
  /** The main thread's memory. */
  readonly buffer: SharedArrayBuffer;
  /** Whether what this very process has written before is left behind. */
  readonly adopts: boolean;
  /** Called when {@link Dispatch.size} has changed. */
  changed(): void;
  /** Whether the main thread has ended. */
  isOver(): boolean;
}

/** Brings reports to where they are wanted, through the journal. */
export class Dispatch {
  readonly #words: Int32Array;
  readonly #journal: Journal;
  readonly #outbox: Outbox;
  readonly #claims: Claims;
  readonly #symbolication: PendingSymbolication;
  readonly #choice: SinkChoice;
  readonly #router: Router;
  readonly #blocks: BlockReports;
  readonly #pickup: Pickup;
  readonly #isOver: () => boolean;
  readonly #caps = new Caps();
  #setup: Setup;

  constructor(setup: Setup, { buffer, adopts, changed, isOver }: DispatchAround) {
    this.#setup = setup;
    this.#isOver = isOver;
    this.#words = memory(buffer).words;
    this.#choice = new SinkChoice(setup);
    this.#journal = new Journal(setup.settings.journalDir, notice, adopts);
    this.#outbox = new Outbox(setup, buffer, {
      changed,
      taken: (id, ended, sink) => this.#taken(id, ended, sink),
      symbolicated: (answer) => this.#symbolication.take(answer),
      mapWanted: (file) => post({ type: 'map-wanted', file }),
      captureWanted: post,
      sinks: () => this.#choice.served('open'),
      read: (id) => this.#journal.read(id),
    });
    this.#symbolication = new PendingSymbolication((record) => this.#outbox.symbolicate(record));
    this.#claims = new Claims(this.#words, {
      settled: ({ record, sinks }) => {
        for (const sink of sinks) this.#taken(record.id, isEnded(record), sink);
      },
      direct: (delivery) => this.#outbox.deliver(delivery, true),
    });
    const [journal, outbox, claims] = [this.#journal, this.#outbox, this.#claims];
    const [symbolication, choice] = [this.#symbolication, this.#choice];
    const router = new Router(setup, { outbox, claims, symbolication, choice, isOver });
    const admit = (record: Reported) => this.#admit(record);
    this.#router = router;
    this.#blocks = new BlockReports(setup, { journal, outbox, choice, router, admit });
    this.#pickup = new Pickup({ journal, choice, router });
  }

  /** What is not delivered yet. */
  get size(): number {
    return this.#outbox.size + this.#claims.size + this.#symbolication.size;
  }

  /** Starts what does not wait for a first report. */
  begin(): void {
    this.#outbox.serve();
  }

  configure(setup: Setup): void {
    this.#setup = setup;
    this.#journal.moveTo(setup.settings.journalDir);
    // The choice first: the outbox asks it.
    for (const one of [this.#choice, this.#outbox, this.#router, this.#blocks]) {
      one.configure(setup);
    }
  }

  /** What is due at every tick. */
  tend(): void {
    const isOver = this.#isOver();
    this.#journal.tend(Date.now());
    if (!isOver && this.size <= MOST_UNDER_WAY) this.#pickup.tend(nowMs());
    this.#symbolication.tend(nowMs(), isOver);
    this.#claims.tend(nowMs(), isOver);
    if (isOver) this.#outbox.finish();
  }

  /** Passes on a source map that the main thread has. */
  giveMap(map: FileMap): void {
    this.#outbox.giveMap(map);
  }

  /** Passes on what became of a capture. */
  giveCapture(news: CaptureNews): void {
    this.#outbox.giveCapture(news);
  }

  /** From now on nothing may stay in a buffer. */
  finish(): void {
    this.#outbox.finish();
  }

  /** Passes on what only the status server wants to know. */
  passOn(news: ForStatus): void {
    this.#outbox.count(news);
  }

  async close(): Promise<void> {
    await this.#outbox.close();
  }

  /** The program has a client of its own for a sink: what others have left can go where that sends. */
  useClient(sink: SinkName, target: unknown): void {
    this.#choice.useClient(sink, target);
    this.#pickup.soon();
  }

  /** Writes what is known of a turn that goes on. */
  note(record: BlockRecord, evidence: SentryEvidence): void {
    this.#blocks.note(record, evidence);
  }

  /** Forgets a turn that was no block. */
  forget(id: string): void {
    this.#journal.remove(id);
  }

  /** A block has ended, or a hang is to be told of. */
  report(report: Report): void {
    const level = this.#blocks.report(report);
    if (level === null || !warnsOf(level, this.#setup.settings)) return;
    this.#outbox.show({ type: 'warn', record: report.record });
  }

  /** How many reports of the same culprit were held back; null when this one is, too. */
  #admit(record: Reported): number | null {
    const { maxReportsPerCulprit } = this.#setup.settings;
    const suppressed = this.#caps.admit(record, maxReportsPerCulprit, nowMs());
    if (suppressed === null) Atomics.add(this.#words, Word.capped, 1);
    return suppressed;
  }

  #taken(id: string, ended: boolean, sink: SinkName): void {
    // It is still told when a hang ends, unless its process has.
    if (!ended && rulesOf(sink)?.hearsEnd === true && !this.#pickup.has(id)) return;
    if (!this.#journal.taken(id, sink)) this.#pickup.forget(id);
  }

  /** A client was found dead. */
  reportDeadClient({ client, delivered, sentry }: FoundDeadClient): void {
    this.#outbox.count({ type: 'dead-client', client });
    const record = { ...client, process: processNow() };
    const evidence = { sentry, debugIds: null };
    const parcels = this.#choice.parcels(evidence);
    const level = DEAD_CLIENT_LEVEL;
    const wanting = this.#choice.wanting({ record, level, isQuiet: false }, parcels);
    const isCapped =
      wanting.some(({ capsDeadClients }) => capsDeadClients) && this.#admit(record) === null;
    const sinks = wanting
      .filter(
        ({ name, capsDeadClients }) => !delivered.includes(name) && !(capsDeadClients && isCapped),
      )
      .map(({ name }) => name);
    if (sinks.length === 0) return;
    const isSafe = this.#journal.write({ record, parcels }, sinks);
    this.#router.other(
      { record, sinks, level, parcels },
      { moment: { beat: 0, evidence }, isSafe },
    );
  }

  /** A late beat was no block. */
  unconfirmed(event: Unconfirmed): void {
    post({ type: 'unconfirmed', event });
    this.#outbox.count({ type: 'unconfirmed', event });
    if (this.#setup.hasLogger || !isLogged(UNCONFIRMED_LEVEL, this.#setup)) return;
    this.#outbox.show({ type: 'unconfirmed', event });
  }
}
