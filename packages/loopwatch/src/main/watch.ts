/** Everything that watching one process takes on its main thread, put together. */
import * as timers from 'node:timers';
import { type Serializable, setEnvironmentData } from 'node:worker_threads';
import { LoopwatchError } from '../shared/errors.js';
import { appendTally } from '../shared/journal/tally.js';
import { memory, Word } from '../shared/memory/memory.js';
import {
  ENVIRONMENT_KEY,
  type Setup,
  type Verdict,
  type WorkerEnvironment,
} from '../shared/messages/messages.js';
import { registry } from '../shared/messages/registry.js';
import type { ProgramLogger } from '../shared/options/log-options.js';
import { OFF } from '../shared/options/serve-address.js';
import type { DeadClient } from '../shared/record/dead-client.js';
import type { LoadPages } from '../shared/text/block-facts.js';
import type { GatePort } from './api.js';
import { gatePortOf } from './gate-port.js';
import { leave } from './host/exit.js';
import { Sigterm } from './host/sigterm.js';
import { swallowErrors } from './host/swallow-errors.js';
import { Loop } from './loop.js';
import { capture } from './partners/captures.js';
import { DeadClients } from './partners/dead-clients.js';
import { Profiles } from './partners/profiles.js';
import { ProgramLog } from './partners/program-log.js';
import { claim, type ProgramSinks, programSinks } from './program-sinks.js';
import { mapInMemory } from './stack/memory-maps.js';
import type { Verdicts } from './verdicts.js';
import { WatchdogThread } from './watchdog-thread.js';

const { setInterval, clearInterval } = timers;

/** How often a Sentry SDK is searched for until there is one, in ms. */
const FIND_SDK_EVERY_MS = 1000;

/** How often the status server is told what only main knows, in ms. */
const TELL_EVERY_MS = 1000;

/** The watch over the event loop of the thread that it is made in. */
export interface OneWatch {
  readonly loop: Loop;
  /** Null where verdicts do not come to. */
  readonly gatePort: GatePort | null;
  configure(setup: Setup, logger: ProgramLogger | null): void;
  stop(): Promise<void>;
}

/**
 * Refuses where Node would: without the inspector there is no stack, and asking for it all the same
 * ends the whole process (a failed assertion in Node 20 to 26).
 */
function requireInspector(): void {
  const { permission } = process as { permission?: { has(scope: string): boolean } };
  const denied = permission !== undefined && !permission.has('inspector');
  if (!denied && process.features.inspector) return;
  const why = denied ? 'the permission model allows no inspector' : 'this Node has no inspector';
  throw new LoopwatchError('LOOPWATCH_E_DENIED', why);
}

/** A program with ten listeners of its own must not be warned of a leak for the eleventh, ours. */
export function countListener(by: 1 | -1): void {
  const limit = process.getMaxListeners();
  // 0 means that there is no limit.
  if (limit > 0) process.setMaxListeners(limit + by);
}

/** Watches this process from its construction to {@link stop}. */
export class Watch implements OneWatch {
  readonly loop: Loop;
  readonly gatePort: GatePort;
  readonly #registry = registry();
  readonly #verdicts: Verdicts;
  readonly #thread: WatchdogThread;
  readonly #sigterm = new Sigterm(() => this.#exit());
  readonly #deadClients = new DeadClients({
    found: (client) => this.#report(client),
    watched: (count) => {
      Atomics.store(this.loop.memory.words, Word.watchedSockets, count + 1);
      this.#watchesSockets = true;
    },
  });
  readonly #sdkTimer: NodeJS.Timeout;
  readonly #statusTimer: NodeJS.Timeout;
  readonly #log: ProgramLog;
  readonly #programSinks: ProgramSinks;
  readonly #profiles = new Profiles((order) => this.#thread.send(order));
  #setup: Setup;
  /** How many requests the status server knows of. */
  #posted = 0;
  /** Whether a watchdog of dead clients has ever said how many it watches. */
  #watchesSockets = false;
  #deaths = 0;

  /**
   * @param logger the program's own; {@link Setup.hasLogger} says so to the other threads
   * @param loadPages loads what the modes put into answers
   * @param adopts whether no earlier watch of this process is still stopping
   * @throws LoopwatchError `LOOPWATCH_E_DENIED` when worker threads or the inspector are not allowed
   */
  constructor(
    watchdogEntry: URL,
    setup: Setup,
    logger: ProgramLogger | null,
    verdicts: Verdicts,
    loadPages: LoadPages,
    adopts: boolean,
  ) {
    requireInspector();
    this.loop = new Loop(memory(), loadPages);
    this.#setup = setup;
    this.#log = new ProgramLog(logger);
    this.#programSinks = programSinks(this.#log, this.loop.sentry);
    this.#verdicts = verdicts;
    this.loop.configure(setup.settings);
    this.gatePort = gatePortOf(this.loop, () => this.#deaths);
    const { buffer, offset } = this.loop.memory;
    const taskId = process.platform === 'linux' ? process.pid : null;
    try {
      this.#thread = new WatchdogThread(
        watchdogEntry,
        // On Linux the first thread of a process has the process's id.
        { id: 0, name: 'main', buffer, offset, taskId },
        this.#registry,
        setup,
        adopts,
        (verdict) => this.#take(verdict),
        () => this.#died(),
      );
    } catch (error) {
      this.#deadClients.stop();
      this.#profiles.stop();
      this.loop.stop();
      throw error;
    }
    appendTally(setup.tally, { type: 'started', pid: process.pid });
    this.#shareWithWorkers();
    this.#sdkTimer = setInterval(
      swallowErrors(() => this.#findSdk()),
      FIND_SDK_EVERY_MS,
    ).unref();
    this.#statusTimer = setInterval(
      swallowErrors(() => this.#postStatus()),
      TELL_EVERY_MS,
    ).unref();
    countListener(1);
    process.prependListener('exit', this.#exit);
    this.#sigterm.configure(setup.settings.handleSigterm);
    this.#deadClients.configure(setup.settings);
    this.#profiles.configure(setup.settings);
  }

  /** All words but the beat's are the watchdog's, or meant for it. */
  #died(): void {
    this.#deaths++;
    this.loop.memory.words.fill(0, 1);
  }

  /** Tells the watchdog of the program's Sentry, for reports that another process has left. */
  #findSdk(): void {
    const target = this.loop.sentry.target();
    if (target === undefined) return;
    clearInterval(this.#sdkTimer);
    this.#thread.send({ type: 'client', sink: 'sentry', target });
  }

  /** For the status server: how many requests were answered, and which clients are waited for. */
  #postStatus(): void {
    if (this.#setup.settings.serve === OFF) return;
    if (this.#watchesSockets) {
      this.#thread.send({ type: 'clients', clients: this.#deadClients.waiting() });
    }
    const { answered } = this.loop.requests;
    if (answered === this.#posted) return;
    this.#posted = answered;
    const requests = this.loop.requests.counts() ?? [];
    this.#thread.send({ type: 'requests', requests });
  }

  /** For the workers that are started from now on. */
  #shareWithWorkers(): void {
    const environment: WorkerEnvironment = {
      registry: this.#registry,
      settings: this.#setup.settings,
    };
    setEnvironmentData(ENVIRONMENT_KEY, environment as unknown as Serializable);
  }

  configure(setup: Setup, logger: ProgramLogger | null): void {
    this.#setup = setup;
    this.#log.configure(logger);
    this.#shareWithWorkers();
    this.#thread.configure(setup);
    this.#sigterm.configure(setup.settings.handleSigterm);
    this.#deadClients.configure(setup.settings);
    this.#profiles.configure(setup.settings);
    this.loop.configure(setup.settings);
  }

  /** Delivers what is pending, bounded by exitFlushMs, and leaves nothing behind. */
  async stop(): Promise<void> {
    // One more beat: the turn that calls stop may be the one that blocked.
    this.loop.beat();
    this.#deadClients.stop();
    await this.#thread.stop();
    this.#profiles.stop();
    this.loop.stop();
    setEnvironmentData(ENVIRONMENT_KEY, undefined as unknown as Serializable);
    clearInterval(this.#sdkTimer);
    clearInterval(this.#statusTimer);
    this.#sigterm.configure(false);
    process.removeListener('exit', this.#exit);
    countListener(-1);
  }

  /** A dead client was found: the program's logger gets all of them at once, the watchdog sees to the rest. */
  #report(client: DeadClient): void {
    const isLogged = this.#log.writeDeadClient(client, this.#setup);
    const sentry = this.loop.sentry.context();
    if (
      !this.#thread.send({
        type: 'dead-client',
        client,
        delivered: isLogged ? ['log'] : [],
        sentry,
      })
    )
      return;
    // An exit in this very turn waits until the watchdog has heard of it.
    Atomics.add(this.loop.memory.words, Word.deadClients, 1);
  }

  #take(verdict: Verdict): void {
    if (verdict.type === 'stopped') return;
    if (verdict.type === 'map-wanted') {
      const map = mapInMemory(verdict.file);
      this.#thread.send({ type: 'map', file: verdict.file, map }, map === null ? [] : [map.buffer]);
      return;
    }
    if (verdict.type === 'slice-wanted') {
      this.#profiles.answer(verdict);
      return;
    }
    if (verdict.type === 'capture-wanted') {
      void capture(verdict, (news) => this.#thread.send(news));
      return;
    }
    if (verdict.type === 'claim') {
      claim(this.loop.memory.words, this.#programSinks, verdict);
      return;
    }
    this.#verdicts.take(verdict);
    if (verdict.type === 'unconfirmed') {
      this.#log.writeUnconfirmed(verdict.event, this.#setup);
      return;
    }
    this.#profiles.consider(verdict.record);
    const record = { ...verdict.record, suppressed: verdict.suppressed };
    for (const one of verdict.claims) {
      claim(this.loop.memory.words, this.#programSinks, { record, code: {}, claim: one });
    }
  }

  readonly #exit = (): void => {
    try {
      leave(this.loop.memory, this.#setup.settings, () => {
        const lastTurnMs = this.loop.beat();
        this.#profiles.answerLast(this.loop.memory);
        return lastTurnMs;
      });
    } catch {
      // An embedder may forbid Atomics.wait here; the journal keeps what is pending.
    }
  };
}
