/** The process's watchdog: its clock, its threads, and what becomes of their reports. */
import { parentPort } from 'node:worker_threads';
import { nowMs } from '../shared/clock.js';
import type { Wants } from '../shared/journal-name.js';
import { hasLog, isLogged, levelOf, UNCONFIRMED_LEVEL } from '../shared/levels.js';
import { memory, Word } from '../shared/memory.js';
import type {
  Delivery,
  Setup,
  SinkName,
  SinkOffer,
  Verdict,
  WatchdogData,
  WatchedThread,
} from '../shared/messages.js';
import type { CountedRequests } from '../shared/metrics.js';
import { notice } from '../shared/notice.js';
import type { BlockRecord, Unconfirmed } from '../shared/record.js';
import { Registry } from '../shared/registry.js';
import type { SentryParcel, SentryTarget } from '../shared/sentry.js';
import { Caps } from './caps.js';
import { Connections } from './connections.js';
import { DebuggerQuestion } from './debugger-question.js';
import type { Desk, Report, SentryEvidence } from './desk.js';
import { TOLERATED_LATENESS_MS } from './detect.js';
import { Journal } from './journal.js';
import { Offers } from './offers.js';
import { Outbox } from './outbox.js';
import { PressureGauge } from './pressure.js';
import { MainSampler, WorkerSampler } from './sample.js';
import { Schedstat } from './scheduling.js';
import { ThreadWatch } from './thread-watch.js';
import { WorkerSessions } from './worker-sessions.js';

/** How long a stop keeps looking for the end of what is under way, between two looks. */
const DRAIN_POLL_MS = 5;

/** Workers that can each be looked at in every tick; more of them take turns. */
const FEW_WORKERS = 4;

/** How long after SIGABRT a process that does not end by it is killed, in ms. */
const KILL_AFTER_MS = 2000;

/** How often the journal is searched for what processes that are gone have left, in ms. */
const COLLECT_EVERY_MS = 5000;

/**
 * Deliveries under way with which no more are taken over: other processes share the work, and one
 * server that is down must not hold back what others would take.
 */
const MOST_UNDER_WAY = 8;

/** What became of the first report of a hang. */
interface Reported {
  /** How many were held back before it; null when it was, too. */
  readonly suppressed: number | null;
  readonly wants: readonly SinkName[];
}

/** What is known of Sentry where nothing was found on a stack. */
const NOTHING_SAID: SentryEvidence = { sentry: null, debugIds: null };

function say(verdict: Verdict): void {
  parentPort?.postMessage(verdict);
}

/** Watches the threads of this process. */
export class Watchdog {
  readonly #main: ThreadWatch;
  /** By their places in the registry. */
  readonly #workers = new Map<number, ThreadWatch>();
  readonly #debuggers: DebuggerQuestion;
  readonly #sessions: WorkerSessions;
  readonly #gauge = new PressureGauge();
  readonly #schedstat = new Schedstat('/proc/thread-self/schedstat');
  readonly #journal: Journal;
  readonly #outbox: Outbox;
  readonly #registry: Registry;
  /** The state of the registry that was read last. */
  #heard = 0;
  #setup: Setup;
  #dueMs: number;
  #timer: NodeJS.Timeout | undefined;
  #aborting = false;
  /** Undefined until the program has a client. */
  #sdkTarget: SentryTarget | null | undefined;
  readonly #caps = new Caps();
  readonly #offers: Offers;
  /** Hangs that were reported while they lasted, or held back, and last. */
  readonly #hangs = new Map<string, Reported>();
  /** Records of processes that are gone: nothing more will come of them. */
  readonly #collected = new Set<string>();
  /** When to look again for what others have left. */
  #collectMs = nowMs();

  constructor({ thread, registry, setup, adopts }: WatchdogData) {
    this.#registry = new Registry(registry);
    this.#setup = setup;
    this.#journal = new Journal(setup.settings.journalDir, notice, adopts);
    this.#outbox = new Outbox(setup, thread.buffer, {
      changed: () => this.#publishPending(),
      taken: (id, ended, sink) => this.#taken(id, ended, sink),
      read: (id) => this.#journal.read(id),
    });
    const shared = memory(thread.buffer);
    const connections = new Connections(shared);
    this.#offers = new Offers(shared.words, {
      settled: ({ record: { id, ended }, sinks }) => {
        for (const sink of sinks) this.#taken(id, ended, sink);
      },
      direct: (delivery) => this.#outbox.deliver(delivery, true),
    });
    this.#debuggers = new DebuggerQuestion(connections);
    this.#sessions = new WorkerSessions(connections, (id, name) => {
      const worker = [...this.#workers.values()].find((one) => one.id === id);
      if (worker !== undefined) worker.name = name;
    });
    const sampler = new MainSampler(shared, connections);
    this.#main = new ThreadWatch(thread, this.#desk(this.#debuggers), sampler);
    this.#dueMs = nowMs();
    this.#tick();
    this.#outbox.serve();
  }

  configure(setup: Setup): void {
    this.#setup = setup;
    this.#journal.moveTo(setup.settings.journalDir);
    this.#outbox.configure(setup);
    for (const thread of this.#threads()) thread.configure();
    this.#heard = -1;
    if (setup.settings.workers) return;
    // They go on making beats where they are, so that their places are not free.
    for (const worker of this.#workers.values()) worker.end(nowMs());
    this.#workers.clear();
  }

  /** The program has a Sentry client: what others have left for Sentry can go where that sends. */
  useSdk(target: SentryTarget | null): void {
    this.#sdkTarget = target;
    this.#collectMs = nowMs();
  }

  /** Passes on how many requests main has answered. */
  countRequests(requests: readonly CountedRequests[]): void {
    this.#outbox.count({ type: 'requests', requests });
  }

  /** Where events go that no client of the program sends. */
  get #target(): SentryTarget | null {
    const { settings, sentry } = this.#setup;
    if (settings.sentry === 'off') return null;
    return this.#sdkTarget === undefined ? sentry : this.#sdkTarget;
  }

  /** How an event goes past the program's client, by what was found on the stack; null when nowhere. */
  #parcel({ sentry, debugIds }: SentryEvidence): SentryParcel | null {
    const found = sentry === null ? this.#target : sentry.target;
    if (found === null || this.#setup.settings.sentry === 'off') return null;
    // Certificates are too long for a capture.
    const known = found.dsn === this.#sdkTarget?.dsn ? this.#sdkTarget : found;
    const detail = sentry?.filtered === true ? 'minimal' : 'full';
    return { target: known, detail, scope: sentry?.scope ?? null, debugIds };
  }

  /** Waits until what is reported is delivered, for at most exitFlushMs. */
  async stop(): Promise<void> {
    // The turn that asked for the stop may be the one that blocked.
    clearTimeout(this.#timer);
    this.#tick();
    this.#outbox.finish();
    const untilMs = nowMs() + this.#setup.settings.exitFlushMs;
    while (this.#pending() > 0 && nowMs() < untilMs) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
    }
    clearTimeout(this.#timer);
    this.#sessions.close();
    this.#debuggers.giveUp();
    this.#schedstat.close();
    await this.#outbox.close();
    say({ type: 'stopped' });
  }

  #desk(debuggers: DebuggerQuestion | null): Desk {
    const settingsNow = () => this.#setup.settings;
    const crowdNow = () => Math.max(1, Math.ceil(this.#workers.size / FEW_WORKERS));
    return {
      debuggers,
      gauge: this.#gauge,
      schedstat: this.#schedstat,
      get settings() {
        return settingsNow();
      },
      get crowd() {
        return crowdNow();
      },
      note: (record, evidence) => this.#note(record, evidence),
      forget: (id) => this.#journal.remove(id),
      report: (report) => this.#report(report),
      tell: (event) => this.#tell(event),
    };
  }

  #threads(): ThreadWatch[] {
    return [this.#main, ...this.#workers.values()];
  }

  /** Hears which workers have come and gone. */
  #hear(): void {
    const { changes } = this.#registry;
    if (changes === this.#heard || !this.#setup.settings.workers) return;
    this.#heard = changes;
    for (const [place, thread] of this.#registry.threads()) {
      if (thread === null) this.#endWorker(place);
      else if (!this.#workers.has(place)) this.#watchWorker(place, thread);
    }
  }

  #watchWorker(place: number, thread: WatchedThread): void {
    const own = memory(thread.buffer, thread.offset);
    const sampler = new WorkerSampler(own, thread.id, this.#sessions);
    this.#workers.set(place, new ThreadWatch(thread, this.#desk(null), sampler));
  }

  #endWorker(place: number): void {
    this.#workers.get(place)?.end(nowMs());
    this.#workers.delete(place);
    this.#registry.free(place);
    this.#publishPending();
  }

  #tick(): void {
    const observedMs = nowMs();
    this.#hear();
    for (const thread of this.#threads()) thread.tick(observedMs, this.#dueMs);
    const over = this.#main.gone;
    for (const [place, worker] of this.#workers) {
      if (over || worker.gone) this.#endWorker(place);
    }
    this.#gauge.tick(nowMs());
    this.#journal.tend(Date.now());
    this.#collect(nowMs());
    this.#sessions.tend();
    this.#debuggers.tend();
    this.#offers.tend(nowMs(), over);
    if (over) this.#outbox.finish();
    this.#abort(observedMs);
    this.#publishPending();
    this.#plan(observedMs);
  }

  /** @param observedMs when this tick looked: what it did since is part of its blindness */
  #plan(observedMs: number): void {
    const now = nowMs();
    const dueMs = Math.min(...this.#threads().map((thread) => thread.dueMs(now)));
    // Timers count whole ms from the loop's own time, which is up to 1 ms old.
    const waitMs = Math.max(1, Math.ceil(dueMs - now));
    // A stop of the process may fall into a tick as well as between two.
    this.#dueMs = Math.min(now, observedMs + TOLERATED_LATENESS_MS) + waitMs;
    this.#timer = setTimeout(() => this.#tick(), waitMs);
  }

  /** Ends a process that hangs, if that is wanted, for a supervisor to start it again. */
  #abort(now: number): void {
    const { onHang, abortAfterMs } = this.#setup.settings;
    const { hungMs } = this.#main;
    if (onHang !== 'abort' || hungMs === null || hungMs < abortAfterMs || this.#aborting) return;
    // After a late tick the hang may have ended in the meantime, and its beat be under way.
    if (now - this.#dueMs > TOLERATED_LATENESS_MS) return;
    this.#aborting = true;
    notice(`the main thread hangs: ending the process, as onHang: 'abort' asks`);
    // process.abort() is not allowed in a worker thread.
    process.kill(process.pid, 'SIGABRT');
    // A program that handles that signal can't while it hangs.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), KILL_AFTER_MS);
  }

  /** Writes what is known of a turn that goes on. */
  #note(record: BlockRecord, evidence: SentryEvidence): void {
    // A hang that was reported wants an end, or a word about what became of it.
    const wants = this.#stillWants(record.id, this.#hangs.get(record.id)?.wants ?? []);
    const sentry = this.#parcel(evidence);
    this.#journal.write({ record, sentry }, wants.length === 0 ? 'open' : wants);
  }

  /** These sinks, and Sentry if it has not yet taken what was sent while a hang lasted. */
  #stillWants(id: string, sinks: readonly SinkName[]): readonly SinkName[] {
    const before = this.#journal.wants(id) ?? [];
    const unsent = before !== 'open' && before.includes('sentry') && !sinks.includes('sentry');
    return unsent ? [...sinks, 'sentry'] : sinks;
  }

  #report({ record, startup, evidence, beat }: Report): void {
    const { settings } = this.#setup;
    const parcel = this.#parcel(evidence);
    // A start that never ends is not one of those that only take their time.
    const quiet = startup && settings.startup === 'log' && record.kind !== 'hang';
    const hang = this.#hangs.get(record.id);
    if (record.ended) this.#hangs.delete(record.id);
    const unwanted = startup && settings.startup === 'ignore';
    const admitted = () => (hang === undefined ? this.#admit(record) : hang.suppressed);
    const suppressed = unwanted ? null : admitted();
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
    if (sinks.length === 0) {
      say({ type: 'block', record, suppressed: reported.suppressed, offers: [] });
      if (record.ended && wants.length === 0) this.#journal.remove(record.id);
      return;
    }
    const isSafe = this.#journal.write({ record: reported, sentry: parcel }, wants);
    const delivery: Delivery = { record: reported, sinks, level, sentry: parcel };
    const known = evidence.sentry === null ? null : beat;
    const offers = sinks.flatMap((sink) => this.#offer(sink, delivery, known) ?? []);
    say({ type: 'block', record, suppressed: reported.suppressed, offers });
    const others = sinks.filter((name) => !offers.some(({ sink }) => sink === name));
    if (others.length > 0) this.#outbox.deliver({ ...delivery, sinks: others }, isSafe);
  }

  /**
   * Offers a report to what the program itself has for a sink.
   *
   * @param beat what its Sentry client knows the moment by; null when that can't be asked
   * @returns null when the reporter is to deliver it
   */
  #offer(sink: SinkName, all: Delivery, beat: number | null): SinkOffer | null {
    const { level, record } = all;
    // Who hangs can't log it; the line about the end is for the program again.
    const isOver = record.ended || record.previousProcess;
    const isForLogger = this.#setup.hasLogger && isOver && isLogged(level, this.#setup);
    const isWanted = sink === 'log' ? isForLogger : beat !== null;
    if (!isWanted || this.#main.gone) return null;
    const place = this.#offers.make({ ...all, sinks: [sink] }, nowMs());
    if (place === null) return null;
    if (sink === 'log') return { ...place, sink, level };
    return beat === null ? null : { ...place, sink, beat };
  }

  /** How many reports of the same culprit were held back; null when this one is, too. */
  #admit(record: BlockRecord): number | null {
    const { maxReportsPerCulprit } = this.#setup.settings;
    const suppressed = this.#caps.admit(record, maxReportsPerCulprit, nowMs());
    if (suppressed === null) Atomics.add(this.#main.memory.words, Word.capped, 1);
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
    const underWay = this.#outbox.size + this.#offers.size;
    if (now < this.#collectMs || underWay > MOST_UNDER_WAY || this.#main.gone) return;
    const found = this.#journal.takeOver(Date.now(), (wants) => this.#served(wants).length > 0);
    this.#collectMs = found === null ? now + COLLECT_EVERY_MS : now;
    if (found === null) return;
    const record = { ...found.record, previousProcess: found.previousProcess };
    const sinks = this.#served(found.wants);
    // Its own project, release and proxy: another program may be the one that finds it.
    const sentry = found.sentry ?? this.#parcel(NOTHING_SAID);
    // Those who are not served here keep it in the journal, for the next process.
    const wants = found.wants === 'open' ? sinks : found.wants;
    const isSafe = this.#journal.write({ record, sentry }, wants);
    this.#collected.add(record.id);
    const level = levelOf(record, false);
    const delivery: Delivery = { record, sinks, level, sentry };
    const offer = sinks.includes('log') ? this.#offer('log', delivery, null) : null;
    if (offer !== null) say({ type: 'left', record, offer });
    const others = offer === null ? sinks : sinks.filter((sink) => sink !== 'log');
    if (others.length > 0) this.#outbox.deliver({ ...delivery, sinks: others }, isSafe);
  }

  /** Who of those that want a record of another process is served here. */
  #served(wants: Wants): SinkName[] {
    const sinks: SinkName[] = [];
    if (hasLog(this.#setup)) sinks.push('log');
    if (this.#target !== null) sinks.push('sentry');
    return wants === 'open' ? sinks : sinks.filter((sink) => wants.includes(sink));
  }

  #tell(event: Unconfirmed): void {
    say({ type: 'unconfirmed', event });
    this.#outbox.count({ type: 'unconfirmed', event });
    if (this.#setup.hasLogger || !isLogged(UNCONFIRMED_LEVEL, this.#setup)) return;
    this.#outbox.tell({ type: 'unconfirmed', event });
  }

  #pending(): number {
    const deliveries = this.#outbox.size + this.#offers.size;
    return this.#threads().reduce((sum, { open }) => sum + open, deliveries);
  }

  #publishPending(): void {
    const { words } = this.#main.memory;
    Atomics.store(words, Word.pending, this.#pending());
    Atomics.notify(words, Word.pending);
  }
}
