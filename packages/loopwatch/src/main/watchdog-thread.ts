/** The watchdog's thread as main sees it: started, restarted when it dies, stopped. */
import * as timers from 'node:timers';
import { Worker } from 'node:worker_threads';
import { codeOf, LoopwatchError, messageOf } from '../shared/errors.js';
import type {
  Order,
  Setup,
  Verdict,
  WatchdogData,
  WatchedThread,
} from '../shared/messages/messages.js';
import { notice } from '../shared/notice.js';
import { swallowErrors } from './host/swallow-errors.js';

const { setTimeout, clearTimeout } = timers;

/** A watchdog that keeps dying costs more than it gives. The waits are 1, 2 and 4 s. */
const RESTARTS = 3;
const FIRST_RESTART_MS = 1000;

/** A runaway watchdog must take itself down, not the process. Its own need is a few MiB. */
const HEAP_LIMIT_MB = 64;

/**
 * Left alone, V8 fills 16 MiB with a tick's few hundred bytes of garbage each before it looks at
 * them: resident memory that grows while nothing happens (1 to 3 MB after 8 s, measured).
 */
const YOUNG_LIMIT_MB = 1;

/** How much longer than the flush a stop may take: the thread's own start and end. */
const STOP_GRACE_MS = 1000;

/** Owns the worker. */
export class WatchdogThread {
  readonly #entry: URL;
  readonly #thread: WatchedThread;
  readonly #registry: SharedArrayBuffer;
  readonly #adopts: boolean;
  readonly #onVerdict: (verdict: Verdict) => void;
  readonly #onDeath: () => void;
  #setup: Setup;
  #worker: Worker | undefined;
  #restarts = 0;
  #restartTimer: NodeJS.Timeout | undefined;
  #stopped: (() => void) | undefined;

  /**
   * @param entry the file that the thread runs
   * @param thread the process's first thread
   * @param registry where its other threads announce themselves
   * @param adopts whether no other watchdog of this process is still at work
   * @param onVerdict gets every message of the watchdog
   * @param onDeath called each time the watchdog has died
   * @throws LoopwatchError `LOOPWATCH_E_DENIED` when the permission model forbids workers
   */
  constructor(
    entry: URL,
    thread: WatchedThread,
    registry: SharedArrayBuffer,
    setup: Setup,
    adopts: boolean,
    onVerdict: (verdict: Verdict) => void,
    onDeath: () => void,
  ) {
    this.#entry = entry;
    this.#thread = thread;
    this.#registry = registry;
    this.#setup = setup;
    this.#adopts = adopts;
    this.#onVerdict = onVerdict;
    this.#onDeath = onDeath;
    this.#spawn();
  }

  configure(setup: Setup): void {
    this.#setup = setup;
    this.send({ type: 'configure', setup });
  }

  /** Lets the watchdog deliver what it has, then ends it; bounded by exitFlushMs and a grace. */
  async stop(): Promise<void> {
    clearTimeout(this.#restartTimer);
    const worker = this.#worker;
    this.#worker = undefined;
    if (worker === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#stopped = resolve;
      timer = setTimeout(resolve, this.#setup.settings.exitFlushMs + STOP_GRACE_MS);
      worker.postMessage({ type: 'stop' } satisfies Order);
    });
    clearTimeout(timer);
    await worker.terminate();
  }

  /** @returns whether there is a watchdog to hear of it */
  send(order: Order, transfer: readonly ArrayBuffer[] = []): boolean {
    this.#worker?.postMessage(order, transfer);
    return this.#worker !== undefined;
  }

  #spawn(): void {
    const workerData: WatchdogData = {
      loopwatch: 'watchdog',
      thread: this.#thread,
      registry: this.#registry,
      // A watchdog that is restarted takes over from the one that has died.
      adopts: this.#adopts || this.#restarts > 0,
      setup: this.#setup,
    };
    let worker: Worker;
    try {
      worker = new Worker(this.#entry, {
        name: 'loopwatch watchdog',
        workerData,
        // Both, or the preload would run in here too, and start a watchdog for the watchdog.
        execArgv: [],
        env: {},
        // Or Node would open this process's stdout and stderr to pipe the worker's into them.
        stdout: true,
        stderr: true,
        resourceLimits: {
          maxOldGenerationSizeMb: HEAP_LIMIT_MB,
          maxYoungGenerationSizeMb: YOUNG_LIMIT_MB,
        },
      });
    } catch (error) {
      if (codeOf(error) !== 'ERR_ACCESS_DENIED') throw error;
      const why = 'the permission model allows no worker thread (--allow-worker)';
      throw new LoopwatchError('LOOPWATCH_E_DENIED', why, { cause: error });
    }
    this.#worker = worker;
    let reason = '';
    const take = (verdict: Verdict) => {
      if (verdict.type === 'stopped') this.#stopped?.();
      else this.#onVerdict(verdict);
    };
    worker.on('message', swallowErrors(take));
    worker.on('error', (error) => {
      reason = messageOf(error);
    });
    worker.on('exit', () => {
      this.#stopped?.();
      if (this.#worker === worker) this.#died(reason);
    });
    worker.unref();
  }

  #died(reason: string): void {
    this.#worker = undefined;
    this.#onDeath();
    const why = reason === '' ? '' : ` (${reason})`;
    if (this.#restarts === RESTARTS) {
      notice(`the watchdog ended again${why}; this process is not watched any more`);
      return;
    }
    notice(`the watchdog ended${why}; it is restarted, at most ${RESTARTS} times`);
    const waitMs = FIRST_RESTART_MS * 2 ** this.#restarts++;
    this.#restartTimer = setTimeout(() => {
      try {
        this.#spawn();
      } catch (error) {
        notice(messageOf(error));
      }
    }, waitMs).unref();
  }
}
