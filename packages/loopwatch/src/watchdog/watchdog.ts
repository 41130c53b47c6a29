/** The process's watchdog: its clock, its threads, and what becomes of their reports. */
import { BroadcastChannel, parentPort } from 'node:worker_threads';
import { nowMs } from '../shared/clock.js';
import { isLogged, levelOf, UNCONFIRMED_LEVEL } from '../shared/levels.js';
import { memory, Word } from '../shared/memory.js';
import {
  type Setup,
  type SinkName,
  type ThreadsMessage,
  threadsChannel,
  type Verdict,
  type WatchdogData,
  type WatchedThread,
} from '../shared/messages.js';
import { notice } from '../shared/notice.js';
import type { BlockRecord, Unconfirmed } from '../shared/record.js';
import { Caps } from './caps.js';
import { Connections } from './connections.js';
import { DebuggerQuestion } from './debugger-question.js';
import { TOLERATED_LATENESS_MS } from './detect.js';
import { Journal } from './journal.js';
import { Outbox } from './outbox.js';
import { PressureGauge } from './pressure.js';
import { MainSampler, WorkerSampler } from './sample.js';
import { type Desk, ThreadWatch } from './thread-watch.js';
import { WorkerSessions } from './worker-sessions.js';

/** How long a stop keeps looking for the end of what is under way, between two looks. */
const DRAIN_POLL_MS = 5;

/** How long after SIGABRT a process that does not end by it is killed, in ms. */
const KILL_AFTER_MS = 2000;

/** How often the journal is searched for what processes that are gone have left, in ms. */
const COLLECT_EVERY_MS = 5000;

/** What became of the first report of a hang. */
interface Reported {
  /** How many were held back before it; null when it was, too. */
  readonly suppressed: number | null;
  readonly wants: readonly SinkName[];
}

function say(verdict: Verdict): void {
  parentPort?.postMessage(verdict);
}

/** Watches the threads of this process. */
export class Watchdog {
  readonly #main: ThreadWatch;
  readonly #workers = new Map<number, ThreadWatch>();
  readonly #debuggers: DebuggerQuestion;
  readonly #sessions: WorkerSessions;
  readonly #gauge = new PressureGauge();
  readonly #journal: Journal;
  readonly #outbox: Outbox;
  #channel: BroadcastChannel | undefined;
  #setup: Setup;
  #dueMs: number;
  #timer: NodeJS.Timeout | undefined;
  #aborting = false;
  readonly #caps = new Caps();
  /** Hangs that were reported while they lasted, or held back, and last. */
  readonly #hangs = new Map<string, Reported>();
  /** Records of processes that are gone: nothing more will come of them. */
  readonly #collected = new Set<string>();
  /** When to look again for what others have left. */
  #collectMs = nowMs();

  constructor({ thread, setup }: WatchdogData) {
    this.#setup = setup;
    this.#journal = new Journal(setup.settings.journalDir, notice);
    this.#outbox = new Outbox(setup, {
      changed: () => this.#publishPending(),
      taken: (id, ended, sink) => this.#taken(id, ended, sink),
      read: (id) => this.#journal.read(id),
    });
    const shared = memory(thread.buffer);
    const connections = new Connections(shared);
    this.#debuggers = new DebuggerQuestion(connections);
    this.#sessions = new WorkerSessions(connections, (id, name) => {
      const worker = this.#workers.get(id);
      if (worker !== undefined) worker.name = name;
    });
    const sampler = new MainSampler(shared, connections);
    this.#main = new ThreadWatch(thread, this.#desk(this.#debuggers), sampler);
    this.#joinWorkers();
    this.#dueMs = nowMs();
    this.#tick();
  }

  configure(setup: Setup): void {
    this.#setup = setup;
    this.#journal.moveTo(setup.settings.journalDir);
    this.#outbox.configure(setup);
    for (const thread of this.#threads()) thread.configure();
    this.#joinWorkers();
  }

  /** Waits until what is reported is delivered, for at most exitFlushMs. */
  async stop(): Promise<void> {
    // The turn that asked for the stop may be the one that blocked.
    clearTimeout(this.#timer);
    this.#tick();
    const untilMs = nowMs() + this.#setup.settings.exitFlushMs;
    while (this.#pending() > 0 && nowMs() < untilMs) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
    }
    clearTimeout(this.#timer);
    this.#channel?.close();
    this.#sessions.close();
    this.#debuggers.giveUp();
    await this.#outbox.close();
    say({ type: 'stopped' });
  }

  #desk(debuggers: DebuggerQuestion | null): Desk {
    const settingsNow = () => this.#setup.settings;
    return {
      debuggers,
      gauge: this.#gauge,
      get settings() {
        return settingsNow();
      },
      note: (record) => this.#note(record),
      forget: (id) => this.#journal.remove(id),
      report: (record, startup) => this.#report(record, startup),
      tell: (event) => this.#tell(event),
    };
  }

  #threads(): ThreadWatch[] {
    return [this.#main, ...this.#workers.values()];
  }

  /** Opens the channel on which worker threads come and go, and asks those that are there to come. */
  #joinWorkers(): void {
    const { settings } = this.#setup;
    if (!settings.workers) {
      this.#channel?.close();
      this.#channel = undefined;
      for (const id of [...this.#workers.keys()]) this.#endWorker(id);
      return;
    }
    if (this.#channel === undefined) {
      this.#channel = new BroadcastChannel(threadsChannel(process.pid));
      this.#channel.onmessage = ({ data }) => this.#hear(data as ThreadsMessage);
    }
    this.#channel.postMessage({ type: 'setup', settings } satisfies ThreadsMessage);
  }

  #hear(message: ThreadsMessage): void {
    if (message.type === 'leave') this.#endWorker(message.id);
    else if (message.type === 'watch') this.#watchWorker(message.thread);
  }

  #watchWorker(thread: WatchedThread): void {
    if (this.#workers.has(thread.id)) return;
    const sampler = new WorkerSampler(memory(thread.buffer), thread.id, this.#sessions);
    this.#workers.set(thread.id, new ThreadWatch(thread, this.#desk(null), sampler));
  }

  #endWorker(id: number): void {
    this.#workers.get(id)?.end(nowMs());
    this.#workers.delete(id);
    this.#publishPending();
  }

  #tick(): void {
    const observedMs = nowMs();
    for (const thread of this.#threads()) thread.tick(observedMs, this.#dueMs);
    const over = this.#main.gone;
    for (const [id, worker] of this.#workers) {
      if (over || worker.gone) this.#endWorker(id);
    }
    this.#gauge.tick(nowMs());
    this.#journal.tend(Date.now());
    this.#collect(nowMs());
    this.#sessions.tend();
    this.#debuggers.tend();
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
    const hungMs = this.#main.hungForMs(now);
    if (onHang !== 'abort' || hungMs === null || hungMs < abortAfterMs || this.#aborting) return;
    this.#aborting = true;
    notice(`the main thread hangs: ending the process, as onHang: 'abort' asks`);
    // process.abort() is not allowed in a worker thread.
    process.kill(process.pid, 'SIGABRT');
    // A program that handles that signal can't while it hangs.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), KILL_AFTER_MS);
  }

  /** Writes what is known of a turn that goes on. */
  #note(record: BlockRecord): void {
    const reported = this.#hangs.get(record.id);
    // A hang that was reported wants an end, or a word about what became of it.
    this.#journal.write(record, reported?.wants ?? 'open');
  }

  #report(record: BlockRecord, startup: boolean): void {
    const { settings } = this.#setup;
    say({ type: 'block', record });
    // A start that never ends is not one of those that only take their time.
    const quiet = startup && settings.startup === 'log' && record.kind !== 'hang';
    const hang = this.#hangs.get(record.id);
    if (record.ended) this.#hangs.delete(record.id);
    const unwanted = startup && settings.startup === 'ignore';
    const suppressed = unwanted ? null : (hang?.suppressed ?? this.#admit(record));
    const level = levelOf(record, quiet);
    // A hang is one event: Sentry has no way to add to it when it ends.
    const sinks = suppressed === null ? [] : this.#sinksFor(level, quiet || hang !== undefined);
    if (!record.ended) {
      const wants = sinks.includes('log') ? (['log'] as const) : [];
      this.#hangs.set(record.id, { suppressed, wants });
    }
    if (sinks.length === 0) {
      if (record.ended) this.#journal.remove(record.id);
      return;
    }
    const reported = { ...record, suppressed: hang === undefined ? (suppressed ?? 0) : 0 };
    const isSafe = this.#journal.write(reported, sinks);
    this.#outbox.deliver({ record: reported, sinks, level }, isSafe);
  }

  /** How many reports of the same culprit were held back; null when this one is, too. */
  #admit(record: BlockRecord): number | null {
    return this.#caps.admit(record, this.#setup.settings.maxReportsPerCulprit, nowMs());
  }

  #sinksFor(level: number, withoutSentry: boolean): SinkName[] {
    const { settings, sentry } = this.#setup;
    const sinks: SinkName[] = [];
    if (isLogged(level, settings)) sinks.push('log');
    if (sentry !== null && !withoutSentry) sinks.push('sentry');
    return sinks;
  }

  #taken(id: string, ended: boolean, sink: SinkName): void {
    // The log still gets a line when a hang ends, or when its process has.
    if (!ended && sink === 'log' && !this.#collected.has(id)) return;
    if (!this.#journal.taken(id, sink)) this.#collected.delete(id);
  }

  /** Delivers what a process that is gone has left, one after the other. */
  #collect(now: number): void {
    if (now < this.#collectMs || this.#outbox.size > 0 || this.#main.gone) return;
    const found = this.#journal.takeOver(Date.now());
    this.#collectMs = found === null ? now + COLLECT_EVERY_MS : now;
    if (found === null) return;
    const record = { ...found.record, previousProcess: found.previousProcess };
    const level = levelOf(record, false);
    const sinks = this.#sinksFor(level, false).filter((sink) => {
      return found.wants === 'open' || found.wants.includes(sink);
    });
    if (sinks.length === 0) {
      this.#journal.remove(record.id);
      return;
    }
    const isSafe = this.#journal.write(record, sinks);
    this.#collected.add(record.id);
    this.#outbox.deliver({ record, sinks, level }, isSafe);
  }

  #tell(event: Unconfirmed): void {
    say({ type: 'unconfirmed', event });
    if (!isLogged(UNCONFIRMED_LEVEL, this.#setup.settings)) return;
    this.#outbox.tell({ type: 'unconfirmed', event });
  }

  #pending(): number {
    return this.#threads().reduce((sum, { open }) => sum + open, this.#outbox.size);
  }

  #publishPending(): void {
    const { words } = this.#main.memory;
    Atomics.store(words, Word.pending, this.#pending());
    Atomics.notify(words, Word.pending);
  }
}
