/**
 * Dead clients: `@loopwatch/dead-client` finds them, when the option wants it for every connection or
 * the program itself has started it; its reports go where those of blocks go.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  DEAD_CLIENT_CHANNEL,
  type DeadClient,
  deadClientFrom,
  WATCHED_SOCKETS_CHANNEL,
} from '../shared/dead-client.js';
import { messageOf } from '../shared/errors.js';
import { notice } from '../shared/notice.js';
import type { Settings } from '../shared/option-schema.js';
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
  /**
   * How many sockets are watched by now.
   *
   * @param waiting asks which of them something waits for, see {@link waitedForFrom}
   */
  watched(count: number, waiting: unknown): void;
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
  readonly #onWatched = (message: unknown): void => {
    const { count, waiting } = message as { readonly count?: unknown; readonly waiting?: unknown };
    if (typeof count === 'number') this.#takers.watched(count, waiting);
  };

  constructor(takers: Takers) {
    this.#takers = takers;
    subscribe(DEAD_CLIENT_CHANNEL, this.#onReport);
    subscribe(WATCHED_SOCKETS_CHANNEL, this.#onWatched);
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
