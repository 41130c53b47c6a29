/** The watch over a worker thread's loop: it finds the process's watchdog and joins it. */
import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import * as threads from 'node:worker_threads';
import { type Memory, memory } from '../shared/memory/memory.js';
import {
  ENVIRONMENT_KEY,
  type Setup,
  type WorkerEnvironment,
} from '../shared/messages/messages.js';
import { Registry } from '../shared/messages/registry.js';
import type { Settings } from '../shared/options/option-schema.js';
import type { LoadPages } from '../shared/text/block-facts.js';
import { leave } from './host/exit.js';
import { Loop } from './loop.js';
import { countListener, type OneWatch } from './watch.js';

/** What the kernel calls this thread: `/proc/thread-self` is a link to `PID/task/ID`. */
function taskId(): number | null {
  if (process.platform !== 'linux') return null;
  try {
    return Number(basename(readlinkSync('/proc/thread-self')));
  } catch {
    return null;
  }
}

/** The name that this Worker was given; only newer releases tell (22.20, 24.6). */
function ownName(): string {
  const { threadName } = threads as { threadName?: string };
  // Node's own name for those that were given none.
  const given = threadName !== 'WorkerThread';
  return (given && threadName) || `worker ${threads.threadId}`;
}

/** Watches this worker thread. */
export class WorkerWatch implements OneWatch {
  readonly loop: Loop;
  /** Verdicts go to the main thread. */
  readonly gatePort = null;
  readonly #registry: Registry;
  readonly #place: number;

  /** @param place a place of the registry, which is this thread's */
  private constructor(
    settings: Settings,
    registry: Registry,
    place: number,
    own: Memory,
    loadPages: LoadPages,
  ) {
    this.#registry = registry;
    this.#place = place;
    this.loop = new Loop(own, loadPages);
    this.loop.configure(settings);
    registry.publish(place, { id: threads.threadId, name: ownName(), taskId: taskId() });
    countListener(1);
    process.prependListener('exit', this.#exit);
  }

  /** The watch over this thread; null in a process without a watchdog, or with too many threads. */
  static join(loadPages: LoadPages): WorkerWatch | null {
    const environment = threads.getEnvironmentData(ENVIRONMENT_KEY) as unknown;
    const { registry: shared, settings } = (environment ?? {}) as Partial<WorkerEnvironment>;
    if (shared === undefined || settings?.workers !== true) return null;
    const registry = new Registry(shared);
    const claimed = registry.claim();
    if (claimed === null) return null;
    const { place, buffer, offset } = claimed;
    return new WorkerWatch(settings, registry, place, memory(buffer, offset), loadPages);
  }

  /** The logger is the main thread's affair. */
  configure({ settings }: Setup): void {
    this.loop.configure(settings);
  }

  async stop(): Promise<void> {
    this.#registry.leave(this.#place);
    this.loop.stop();
    process.removeListener('exit', this.#exit);
    countListener(-1);
  }

  readonly #exit = (): void => {
    try {
      // The process goes on, and with it the delivery: only the inspector's session is waited for.
      leave(this.loop.memory, { thresholdMs: 0, exitFlushMs: 0 }, () => this.loop.beat());
    } catch {
      // An embedder may forbid Atomics.wait here.
    }
  };
}
