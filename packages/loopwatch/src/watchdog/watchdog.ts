/** The process's watchdog: its clock, its threads, and what becomes of their reports. */

import { nowMs } from '../shared/clock.js';
import { memory, Word } from '../shared/memory/memory.js';
import type {
  FileMap,
  ForStatus,
  FoundDeadClient,
  Setup,
  Sliced,
  WatchdogData,
  WatchedThread,
} from '../shared/messages/messages.js';
import { Registry } from '../shared/messages/registry.js';
import { notice } from '../shared/notice.js';
import type { CaptureNews } from '../shared/record/captures.js';
import { Schedstat } from '../shared/schedstat.js';
import type { SinkName } from '../shared/sinks/rules.js';
import { Dispatch } from './delivery/dispatch.js';
import { post } from './delivery/post.js';
import { TOLERATED_LATENESS_MS } from './detect/detect.js';
import { PressureGauge } from './evidence/kernel/pressure.js';
import { Connections } from './evidence/sampling/connections.js';
import { DebuggerQuestion } from './evidence/sampling/debugger-question.js';
import { MainSampler, WorkerSampler } from './evidence/sampling/sample.js';
import { WorkerSessions } from './evidence/sampling/worker-sessions.js';
import { type ThreadPorts, ThreadWatch } from './thread-watch.js';
import { HeldReports } from './verdict/held-reports.js';

/** How long a stop waits before it asks again whether all that is under way has ended, in ms. */
const DRAIN_POLL_MS = 5;

/** Workers that can each be checked in every tick; more of them take turns. */
const FEW_WORKERS = 4;

/** How long after SIGABRT a process that does not end by it is killed, in ms. */
const KILL_AFTER_MS = 2000;

/** Watches the threads of this process. */
export class Watchdog {
  readonly #main: ThreadWatch;
  /** By their places in the registry. */
  readonly #workers = new Map<number, ThreadWatch>();
  readonly #debuggers: DebuggerQuestion;
  readonly #sessions: WorkerSessions;
  readonly #gauge = new PressureGauge();
  readonly #schedstat = new Schedstat('/proc/thread-self/schedstat');
  readonly #dispatch: Dispatch;
  readonly #held = new HeldReports({
    ready: (report) => this.#dispatch.report(report),
    ask: post,
    changed: () => this.#publishPending(),
  });
  readonly #registry: Registry;
  /** The state of the registry that was read last. */
  #heard = 0;
  #setup: Setup;
  #dueMs: number;
  #timer: NodeJS.Timeout | undefined;
  #aborting = false;

  constructor({ thread, registry, setup, adopts }: WatchdogData) {
    this.#registry = new Registry(registry);
    this.#setup = setup;
    const { buffer } = thread;
    this.#dispatch = new Dispatch(setup, {
      ...{ buffer, adopts },
      changed: () => this.#publishPending(),
      isOver: () => this.#main.gone,
    });
    const shared = memory(buffer);
    const connections = new Connections(shared);
    this.#debuggers = new DebuggerQuestion(connections);
    this.#sessions = new WorkerSessions(connections, (id, name) => {
      const worker = [...this.#workers.values()].find((one) => one.id === id);
      if (worker !== undefined) worker.name = name;
    });
    const sampler = new MainSampler(shared, connections);
    this.#main = new ThreadWatch(thread, this.#ports(this.#debuggers), sampler);
    this.#dueMs = nowMs();
    this.#tick();
    this.#dispatch.begin();
  }

  configure(setup: Setup): void {
    this.#setup = setup;
    this.#dispatch.configure(setup);
    for (const thread of this.#threads()) thread.configure();
    this.#heard = -1;
    if (setup.settings.workers) return;
    // They go on making beats where they are, so that their places are not free.
    for (const worker of this.#workers.values()) worker.end(nowMs());
    this.#workers.clear();
  }

  /** The program has a client of its own for a sink, which sends to the target; null for a disabled one. */
  useClient(sink: SinkName, target: unknown): void {
    this.#dispatch.useClient(sink, target);
  }

  /** Main has heard of a dead client. */
  reportDeadClient(found: FoundDeadClient): void {
    this.#dispatch.reportDeadClient(found);
    this.#publishPending();
    Atomics.add(this.#main.memory.words, Word.deadClientsHeard, 1);
  }

  /** The source map of a file that the main thread was asked for. */
  giveMap(map: FileMap): void {
    this.#dispatch.giveMap(map);
  }

  /** What became of a capture that the main thread was asked for. */
  giveCapture(news: CaptureNews): void {
    this.#dispatch.giveCapture(news);
  }

  /** Whether main makes CPU profiles. */
  useProfiles(recording: boolean): void {
    this.#held.recording = recording;
  }

  /** The CPU profile of a turn, which main was asked for. */
  giveSlice(answer: Sliced): void {
    this.#held.answer(answer);
  }

  /** Passes on what only the status server wants to know. */
  passOn(news: ForStatus): void {
    this.#dispatch.passOn(news);
  }

  /** Waits until what is reported is delivered, for at most exitFlushMs. */
  async stop(): Promise<void> {
    // The turn that asked for the stop may be the one that blocked.
    clearTimeout(this.#timer);
    this.#tick();
    this.#dispatch.finish();
    const untilMs = nowMs() + this.#setup.settings.exitFlushMs;
    while (this.#pending() > 0 && nowMs() < untilMs) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
    }
    clearTimeout(this.#timer);
    this.#sessions.close();
    this.#debuggers.giveUp();
    this.#schedstat.close();
    await this.#dispatch.close();
    post({ type: 'stopped' });
  }

  #ports(debuggers: DebuggerQuestion | null): ThreadPorts {
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
      note: (record, evidence) => this.#dispatch.note(record, evidence),
      forget: (id) => this.#dispatch.forget(id),
      report: (report) => this.#held.take(report, nowMs()),
      unconfirmed: (event) => this.#dispatch.unconfirmed(event),
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
    this.#workers.set(place, new ThreadWatch(thread, this.#ports(null), sampler));
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
    this.#held.tend(nowMs());
    this.#dispatch.tend();
    this.#sessions.tend();
    this.#debuggers.tend();
    this.#abort(observedMs);
    this.#publishPending();
    this.#plan(observedMs);
  }

  /** @param observedMs when this tick began: what it did since is part of its blindness */
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

  #pending(): number {
    const size = this.#dispatch.size + this.#held.size;
    return this.#threads().reduce((sum, { open }) => sum + open, size);
  }

  #publishPending(): void {
    const { words } = this.#main.memory;
    Atomics.store(words, Word.pending, this.#pending());
    Atomics.notify(words, Word.pending);
  }
}
