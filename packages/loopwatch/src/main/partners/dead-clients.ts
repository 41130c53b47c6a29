/**
 * Dead clients: `@loopwatch/dead-client` finds them, when the option wants it for every connection or
 * the program itself has started it; its reports go where those of blocks go.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { messageOf } from '../../shared/errors.js';
import { notice } from '../../shared/notice.js';
import type { Settings } from '../../shared/options/option-schema.js';
import {
  DEAD_CLIENT_CHANNEL,
  type DeadClient,
  deadClientFrom,
  WATCHED_SOCKETS_CHANNEL,
  type WaitedFor,
  waitedForFrom,
} from '../../shared/record/dead-client.js';
import { optionalPackage } from './optional-package.js';

const PACKAGE = '@loopwatch/dead-client';

/** What is used of the package. */
interface Package {
  createClientWatchdog(options: {
    readonly action: 'report' | 'reset';
    readonly graceMs: number;
  }): {
    attachAll(): () => void;
    close(): void;
  };
}

async function load(): Promise<Package> {
  const found = await optionalPackage(PACKAGE);
  if (found === null) throw new Error(`${PACKAGE} is not installed`);
  return found as Package;
}

interface Wanted {
  readonly action: Settings['deadClients'];
  readonly graceMs: number;
}

const OFF: Wanted = { action: 'off', graceMs: 0 };

/** What is done with what is found. */
interface Takers {
  found(client: DeadClient): void;
  /** How many sockets are watched by now, by all watchdogs of this thread. */
  watched(count: number): void;
}

/** What one watchdog has said last. */
interface Watched {
  readonly count: number;
  /** See {@link waitedForFrom}. */
  readonly waiting: unknown;
}

export class DeadClients {
  readonly #takers: Takers;
  /** What is wanted by now; a new object with each change. */
  #wanted: Wanted = OFF;
  #close: (() => void) | undefined;
  readonly #onReport = (message: unknown): void => {
    const client = deadClientFrom(message);
    if (client !== null) this.#takers.found(client);
  };
  /** By what tells one watchdog from another; a program may have several. */
  readonly #watched = new Map<unknown, Watched>();
  readonly #onWatched = (message: unknown): void => {
    const { watchdog, count, waiting } = message as Partial<Watched> & { watchdog?: unknown };
    if (typeof count !== 'number') return;
    // Those that are closed say 0.
    if (count === 0) this.#watched.delete(watchdog);
    else this.#watched.set(watchdog, { count, waiting });
    const counts = [...this.#watched.values()].map((one) => one.count);
    this.#takers.watched(counts.reduce((sum, one) => sum + one, 0));
  };

  constructor(takers: Takers) {
    this.#takers = takers;
    subscribe(DEAD_CLIENT_CHANNEL, this.#onReport);
    subscribe(WATCHED_SOCKETS_CHANNEL, this.#onWatched);
  }

  /** The connections that something waits for now, those that have stalled longest first. */
  waiting(): WaitedFor[] {
    return waitedForFrom([...this.#watched.values()].map(({ waiting }) => waiting));
  }

  configure({ deadClients: action, deadClientGraceMs: graceMs }: Settings): void {
    const before = this.#wanted;
    if (action === before.action && (action === 'off' || graceMs === before.graceMs)) return;
    this.#end();
    this.#wanted = { action, graceMs };
    void this.#begin(this.#wanted);
  }

  stop(): void {
    this.#end();
    unsubscribe(DEAD_CLIENT_CHANNEL, this.#onReport);
    unsubscribe(WATCHED_SOCKETS_CHANNEL, this.#onWatched);
  }

  #end(): void {
    this.#wanted = OFF;
    this.#close?.();
    this.#close = undefined;
  }

  async #begin(wanted: Wanted): Promise<void> {
    const { action, graceMs } = wanted;
    if (action === 'off') return;
    try {
      const { createClientWatchdog } = await load();
      // It may have been changed, or stopped, meanwhile.
      if (this.#wanted !== wanted) return;
      const watchdog = createClientWatchdog({ action, graceMs });
      watchdog.attachAll();
      this.#close = () => watchdog.close();
    } catch (error) {
      notice(`deadClients: ${messageOf(error)}; clients are not watched`);
    }
  }
}
