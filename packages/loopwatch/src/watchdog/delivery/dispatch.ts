/** What becomes of the reports of a process: who wants them, who delivers them, what the journal holds. */

import { nowMs } from '../../shared/clock.js';
import type { SinkName, Wants } from '../../shared/journal/journal-name.js';
import { appendTally, blockLine } from '../../shared/journal/tally.js';
import { memory, Word } from '../../shared/memory/memory.js';
import type {
  Delivery,
  FileMap,
  ForStatus,
  FoundDeadClient,
  Setup,
} from '../../shared/messages/messages.js';
import { notice } from '../../shared/notice.js';
import {
  DEAD_CLIENT_LEVEL,
  hasLog,
  isLogged,
  levelOf,
  UNCONFIRMED_LEVEL,
  warnsOf,
} from '../../shared/options/levels.js';
import type { CaptureNews } from '../../shared/record/captures.js';
import type { BlockRecord, Unconfirmed } from '../../shared/record/record.js';
import { isEnded, type Reported } from '../../shared/record/reported.js';
import type { SentryTarget } from '../../shared/sentry/sentry.js';
import { processNow } from '../verdict/record.js';
import type { Report, SentryEvidence } from '../verdict/report.js';
import { Caps } from './caps.js';
import { Handover } from './handover.js';
import { Journal } from './journal.js';
import { Offers } from './offers.js';
import { Outbox } from './outbox.js';
import { Readers } from './readers.js';
import { say } from './say.js';
import { SentryRoute } from './sentry-route.js';

/** How often the journal is searched for what processes that are gone have left, in ms. */
const COLLECT_EVERY_MS = 5000;

/**
 * Deliveries under way with which no more are taken over: other processes share the work, and one
 * server that is down must not hold back what others would take.
 */
const MOST_UNDER_WAY = 8;

/** What became of the first report of a hang. */
interface Announced {
  /** How many were held back before it; null when it was, too. */
  readonly suppressed: number | null;
  readonly wants: readonly SinkName[];
}

/** What is known of Sentry where nothing was found on a stack. */
const NOTHING_SAID: SentryEvidence = { sentry: null, debugIds: null };

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
  readonly #offers: Offers;
  readonly #readers: Readers;
  readonly #isOver: () => boolean;
  readonly #route: SentryRoute;
  readonly #handover: Handover;
  #setup: Setup;
  readonly #caps = new Caps();
  /** Hangs that were reported while they lasted, or held back, and last. */
  readonly #hangs = new Map<string, Announced>();
  /** Records of processes that are gone: nothing more will come of them. */
  readonly #collected = new Set<string>();
  /** When to look again for what others have left. */
  #collectMs = nowMs();

  constructor(setup: Setup, { buffer, adopts, changed, isOver }: DispatchAround) {
    this.#setup = setup;
    this.#isOver = isOver;
    this.#words = memory(buffer).words;
    this.#journal = new Journal(setup.settings.journalDir, notice, adopts);
    this.#outbox = new Outbox(setup, buffer, {
      changed,
      taken: (id, ended, sink) => this.#taken(id, ended, sink),
      symbolicated: (answer) => this.#readers.take(answer),
      mapWanted: (file) => say({ type: 'map-wanted', file }),
      captureWanted: say,
      read: (id) => this.#journal.read(id),
    });
    this.#readers = new Readers((record) => this.#outbox.symbolicate(record));
    this.#offers = new Offers(this.#words, {
      settled: ({ record, sinks }) => {
        for (const sink of sinks) this.#taken(record.id, isEnded(record), sink);
      },
      direct: (delivery) => this.#outbox.deliver(delivery, true),
    });
    const [outbox, offers, readers] = [this.#outbox, this.#offers, this.#readers];
    this.#handover = new Handover(setup, { outbox, offers, readers, isOver });
    this.#route = new SentryRoute(setup);
  }

  /** What is not delivered yet. */
  get size(): number {
    return this.#outbox.size + this.#offers.size + this.#readers.size;
  }

  /** Starts what does not wait for a first report. */
  begin(): void {
    this.#outbox.serve();
  }

  configure(setup: Setup): void {
    this.#setup = setup;
    this.#journal.moveTo(setup.settings.journalDir);
    this.#outbox.configure(setup);
    this.#handover.configure(setup);
    this.#route.configure(setup);
  }

  /** What is due at every tick. */
  tend(): void {
    this.#journal.tend(Date.now());
    this.#collect(nowMs());
    this.#readers.tend(nowMs(), this.#isOver());
    this.#offers.tend(nowMs(), this.#isOver());
    if (this.#isOver()) this.#outbox.finish();
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

  /** Forgets a turn that was no block. */
  forget(id: string): void {
    this.#journal.remove(id);
  }

  /** The program has a Sentry client: what others have left for Sentry can go where that sends. */
  useSdk(target: SentryTarget | null): void {
    this.#route.useSdk(target);
    this.#collectMs = nowMs();
  }

  /** Writes what is known of a turn that goes on. */
  note(record: BlockRecord, evidence: SentryEvidence): void {
    // A hang that was reported wants an end, or a word about what became of it.
    const wants = this.#stillWants(record.id, this.#hangs.get(record.id)?.wants ?? []);
    const sentry = this.#route.parcel(evidence);
    this.#journal.write({ record, sentry }, wants.length === 0 ? 'open' : wants);
    this.#outbox.count({ type: 'turn', record });
  }

  /** These sinks, and Sentry if it has not yet taken what was sent while a hang lasted. */
  #stillWants(id: string, sinks: readonly SinkName[]): readonly SinkName[] {
    const before = this.#journal.wants(id) ?? [];
    const unsent = before !== 'open' && before.includes('sentry') && !sinks.includes('sentry');
    return unsent ? [...sinks, 'sentry'] : sinks;
  }

  /** A block has ended, or a hang is to be told of. */
  report(report: Report): void {
    const level = this.#report(report);
    if (level === null || !warnsOf(level, this.#setup.settings)) return;
    this.#outbox.tell({ type: 'warn', record: report.record });
  }

  /** @returns its level; null when nobody is told */
  #report({ record, startup, evidence, beat }: Report): number | null {
    const { settings } = this.#setup;
    if (startup && settings.startup === 'ignore' && !this.#hangs.has(record.id)) {
      this.#journal.remove(record.id);
      return null;
    }
    const parcel = this.#route.parcel(evidence);
    // A start that never ends is not one of those that only take their time.
    const quiet = startup && settings.startup === 'log' && record.kind !== 'hang';
    const hang = this.#hangs.get(record.id);
    if (record.ended) this.#hangs.delete(record.id);
    const suppressed = hang === undefined ? this.#admit(record) : hang.suppressed;
    const level = levelOf(record, quiet);
    // A hang is one event: Sentry has no way to add to it when it ends.
    const withSentry = parcel !== null && !quiet && hang === undefined;
    const sinks = suppressed === null ? [] : this.#sinksFor(level, withSentry);
    if (!record.ended) {
      const closing = sinks.includes('log') ? (['log'] as const) : [];
      this.#hangs.set(record.id, { suppressed, wants: closing });
    }
    const wants = this.#stillWants(record.id, sinks);
    const reported = { ...record, suppressed: hang === undefined ? (suppressed ?? 0) : 0 };
    this.#outbox.count({ type: 'block', record });
    if (!quiet) appendTally(this.#setup.tally, blockLine(record));
    const delivery = { record: reported, sinks, level, sentry: parcel };
    if (sinks.length === 0) {
      if (record.ended && wants.length === 0) this.#journal.remove(record.id);
      this.#handover.block(record, reported.suppressed, delivery, { beat: null, isSafe: true });
      return level;
    }
    const isSafe = this.#journal.write({ record: reported, sentry: parcel }, wants);
    const known = evidence.sentry === null ? null : beat;
    this.#handover.block(record, reported.suppressed, delivery, { beat: known, isSafe });
    return level;
  }

  /** How many reports of the same culprit were held back; null when this one is, too. */
  #admit(record: Reported): number | null {
    const { maxReportsPerCulprit } = this.#setup.settings;
    const suppressed = this.#caps.admit(record, maxReportsPerCulprit, nowMs());
    if (suppressed === null) Atomics.add(this.#words, Word.capped, 1);
    return suppressed;
  }

  #sinksFor(level: number, withSentry: boolean): SinkName[] {
    const sinks: SinkName[] = [];
    if (isLogged(level, this.#setup)) sinks.push('log');
    if (withSentry) sinks.push('sentry');
    return sinks;
  }

  #taken(id: string, ended: boolean, sink: SinkName): void {
    // The log still gets a line when a hang ends, or when its process has.
    if (!ended && sink === 'log' && !this.#collected.has(id)) return;
    if (!this.#journal.taken(id, sink)) this.#collected.delete(id);
  }

  /** Delivers what processes that are gone have left, a few at a time. */
  #collect(now: number): void {
    if (now < this.#collectMs || this.size > MOST_UNDER_WAY || this.#isOver()) return;
    const found = this.#journal.takeOver(Date.now(), (wants) => this.#served(wants).length > 0);
    this.#collectMs = found === null ? now + COLLECT_EVERY_MS : now;
    if (found === null) return;
    const record = { ...found.record, previousProcess: found.previousProcess };
    const sinks = this.#served(found.wants);
    // Its own project, release and proxy: another program may be the one that finds it.
    const sentry = found.sentry ?? this.#route.parcel(NOTHING_SAID);
    // Those who are not served here keep it in the journal, for the next process.
    const wants = found.wants === 'open' ? sinks : found.wants;
    const isSafe = this.#journal.write({ record, sentry }, wants);
    this.#collected.add(record.id);
    const level = levelOf(record, false);
    const delivery: Delivery = { record, sinks, level, sentry };
    this.#handover.other(delivery, sinks.includes('log') ? 'log' : null, { beat: null, isSafe });
  }

  /** Who of those that want a record of another process is served here. */
  #served(wants: Wants): SinkName[] {
    const sinks: SinkName[] = [];
    if (hasLog(this.#setup)) sinks.push('log');
    if (this.#route.target !== null) sinks.push('sentry');
    return wants === 'open' ? sinks : sinks.filter((sink) => wants.includes(sink));
  }

  /**
   * A client was found dead. Each has its line in the log; a network that fails has hundreds of them, and
   * Sentry gets no more of one cause than of one culprit.
   */
  reportDeadClient({ client, isLogged: hasLine, sentry }: FoundDeadClient): void {
    this.#outbox.count({ type: 'dead-client', client });
    const record = { ...client, process: processNow() };
    const parcel = this.#route.parcel({ sentry, debugIds: null });
    const isSent = parcel !== null && this.#admit(record) !== null;
    const wanted = this.#sinksFor(DEAD_CLIENT_LEVEL, isSent);
    const sinks = hasLine ? wanted.filter((sink) => sink !== 'log') : wanted;
    if (sinks.length === 0) return;
    const isSafe = this.#journal.write({ record, sentry: parcel }, sinks);
    const delivery: Delivery = { record, sinks, level: DEAD_CLIENT_LEVEL, sentry: parcel };
    const isForSdk = sentry !== null && sinks.includes('sentry');
    this.#handover.other(delivery, isForSdk ? 'sentry' : null, { beat: 0, isSafe });
  }

  /** A late beat was no block. */
  tell(event: Unconfirmed): void {
    say({ type: 'unconfirmed', event });
    this.#outbox.count({ type: 'unconfirmed', event });
    if (this.#setup.hasLogger || !isLogged(UNCONFIRMED_LEVEL, this.#setup)) return;
    this.#outbox.tell({ type: 'unconfirmed', event });
  }
}
