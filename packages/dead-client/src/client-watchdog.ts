/** The watchdog: a timer that looks at every watched connection, and acts in the turn in which it looked. */
import { channel } from 'node:diagnostics_channel';
import * as timers from 'node:timers';
import { choose } from './backends/choose.js';
import { Client, type Finding } from './client.js';
import { type ClientState, statesOf } from './client-state.js';
import { free } from './free.js';
import { LoopTime } from './loop-time.js';
import { DeadClientError } from './options/errors.js';
import {
  type ClientWatchdogOptions,
  graceFrom,
  refuseTarget,
  type Settings,
  settingsFrom,
  type WatchOptions,
} from './options/options.js';
import { reportOf } from './report-of.js';
import { takeAccepted } from './sockets/accepted.js';
import { attachTo, isServer } from './sockets/attach.js';
import type { Backend, Handle } from './sockets/reading.js';
import { handleOf, type Target, targetOf } from './sockets/sockets.js';
import { CAUSES, type DeathCause } from './verdict/decide.js';
import type { DeadClientReport } from './verdict/report.js';

const { setTimeout, clearTimeout } = timers;
const hrtimeNs = process.hrtime.bigint;
const nowMs = () => Number(hrtimeNs()) / 1e6;

/** Reports are published here, for whoever listens: loopwatch does. */
const reports = channel('loopwatch:dead-client');
/** How many connections a watchdog watches, after each of its looks. */
const watchedSockets = channel('loopwatch:watched-sockets');

/** Looking may take this share of the event loop's time at most; beyond it, looks become rarer. */
const MOST_SHARE = 0.02;

/** However long looking takes, it happens three times in a grace. */
const MOST_STRETCH = 1 / 3;

/** More than two self-tests that fail. */
const LONGEST_TRIAL_MS = 30_000;

/** Whether and how sockets are read. */
export interface ClientWatchdogStatus {
  /** False while the backends are being tried, where none works, and after `close`. */
  readonly active: boolean;
  readonly backend: 'koffi' | 'proc' | 'none';
  /** Why there is no backend, or not the better one; null where there is nothing to say. */
  readonly reason: string | null;
  /** Connections that are watched now. */
  readonly watched: number;
  /** Dead clients so far, by cause. */
  readonly dead: Readonly<Record<DeathCause, number>>;
}

/** One connection that was given to `watch`. */
export interface Watched {
  /** The report, once it is dead: look again after every await. */
  readonly dead: DeadClientReport | null;
  /** Watches it no longer. */
  unwatch(): void;
}

export class ClientWatchdog {
  readonly #begun: Promise<void>;
  readonly #settings: Settings;
  readonly #clients = new Map<Handle, Client>();
  readonly #time: LoopTime;
  readonly #detachers = new Set<() => void>();
  readonly #dead = Object.fromEntries(CAUSES.map((cause) => [cause, 0])) as Record<
    DeathCause,
    number
  >;
  /** Tells this one from others of the process. */
  readonly #key = Symbol('watchdog');
  /** Connections that came before there was a backend. */
  #early: Set<() => void> | null = new Set();
  #backend: Backend | null = null;
  #reason: string | null = 'the backends are being tried';
  #timer: NodeJS.Timeout | undefined;
  #intervalMs: number;
  #isClosed = false;

  /** @throws DeadClientOptionError `LOOPWATCH_E_OPTION` */
  constructor(options: ClientWatchdogOptions = {}) {
    this.#settings = settingsFrom(options);
    this.#intervalMs = this.#settings.intervalMs;
    this.#time = new LoopTime(nowMs);
    this.#begun = this.#begin();
  }

  /** Settles when the backends have been tried, some 20 ms after the start. */
  get ready(): Promise<void> {
    // Nothing of ours keeps the process alive, but a program that waits for us does not want to end.
    const hold = setTimeout(() => {}, LONGEST_TRIAL_MS);
    return this.#begun.finally(() => clearTimeout(hold));
  }

  get status(): ClientWatchdogStatus {
    const backend = this.#backend?.name ?? 'none';
    const active = this.#backend !== null && !this.#isClosed;
    this.#sweep();
    return {
      active,
      backend,
      reason: this.#isClosed ? 'closed' : this.#reason,
      watched: this.#clients.size,
      dead: { ...this.#dead },
    };
  }

  /** The watched connections, those that have stalled longest first. */
  clients(): ClientState[] {
    this.#sweep();
    return statesOf([...this.#clients.values()]);
  }

  #publishWatched(): void {
    const [watchdog, count] = [this.#key, this.#clients.size];
    watchedSockets.publish({ watchdog, count, waiting: () => this.#waiting() });
  }

  /** Those of them that something waits for: of thousands, few. */
  #waiting(): ClientState[] {
    return statesOf([...this.#clients.values()].filter((client) => client.isWaitedFor));
  }

  /**
   * Watches a connection until it closes: a socket of node:net or node:tls, a request or response of
   * node:http, an HTTP/2 session, stream, request or response, or a WebSocket of ws.
   *
   * @throws DeadClientOptionError `LOOPWATCH_E_OPTION` when it is none of these, or for a bad grace
   */
  watch(connection: object, options: WatchOptions = {}): Watched {
    const graceMs = graceFrom(options, this.#settings);
    const target = targetOf(connection);
    if (target === undefined) {
      refuseTarget(
        'what is watched must be a socket, request, response, session or WebSocket',
        connection,
      );
    }
    return this.#watch(target, graceMs, options);
  }

  /**
   * Watches all connections that a server accepts from now on: of node:net, tls, http, https, http2, or
   * a WebSocketServer of ws, whose open WebSockets are watched, too.
   *
   * @returns a function that detaches; what is watched already stays so
   * @throws DeadClientOptionError `LOOPWATCH_E_OPTION` when it is no server
   */
  attach(server: object): () => void {
    if (!isServer(server)) refuseTarget('what is attached to must be a server', server);
    return this.#detachable(attachTo(server, (connection) => this.#take(connection)));
  }

  /**
   * Watches all connections that any server of this thread accepts from now on.
   *
   * @returns a function that detaches; what is watched already stays so
   */
  attachAll(): () => void {
    return this.#detachable(takeAccepted((connection) => this.#take(connection)));
  }

  /** Watches nothing any more, and touches nothing. Safe to call twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const detach of this.#detachers) detach();
    for (const client of this.#clients.values()) client.pings?.stop();
    this.#clients.clear();
    this.#publishWatched();
    this.#early = null;
    this.#time.stop();
  }

  #detachable(detach: () => void): () => void {
    this.#detachers.add(detach);
    return () => {
      this.#detachers.delete(detach);
      detach();
    };
  }

  async #begin(): Promise<void> {
    const { backend, reason } = await choose(this.#settings.backend);
    this.#reason = reason;
    const early = this.#early ?? [];
    this.#early = null;
    if (backend === null || this.#isClosed) return;
    this.#backend = backend;
    for (const start of early) start();
    this.#time.take(0, 0);
    this.#schedule();
  }

  /** What comes by itself is taken as it is, or left alone. */
  #take(connection: object): void {
    const target = targetOf(connection);
    if (target) this.#watch(target, this.#settings.graceMs, {});
  }

  #watch(target: Target | null, graceMs: number, { meta }: WatchOptions): Watched {
    let client: Client | undefined;
    const socket = target?.socket;
    const start = () => {
      // It has no descriptor yet.
      if (socket?.connecting) socket.once('connect', start);
      else client = this.#add(target, graceMs, meta);
    };
    if (this.#early === null) start();
    else this.#early.add(start);
    return {
      get dead() {
        return client?.dead ?? null;
      },
      unwatch: () => {
        this.#early?.delete(start);
        socket?.off('connect', start);
        if (client !== undefined) this.#drop(client);
      },
    };
  }

  #add(target: Target | null, graceMs: number, meta: unknown): Client | undefined {
    const handle = target === null ? null : handleOf(target.socket);
    if (target === null || handle === null || this.#backend === null || this.#isClosed) return;
    const known = this.#clients.get(handle);
    if (known === undefined) {
      const client = new Client(target, handle, this.#backend, graceMs, meta);
      this.#clients.set(handle, client);
      return client;
    }
    known.upgrade(target);
    if (meta !== undefined) known.meta = meta;
    known.graceMs = graceMs;
    return known;
  }

  #drop(client: Client): void {
    client.pings?.stop();
    if (this.#clients.get(client.handle) === client) this.#clients.delete(client.handle);
  }

  #sweep(): void {
    for (const client of this.#clients.values()) if (client.isOver) this.#drop(client);
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => this.#tick(), this.#intervalMs).unref();
  }

  #tick(): void {
    const startedMs = nowMs();
    const elapsedMs = this.#time.take(this.#intervalMs, this.#settings.intervalMs);
    const backend = this.#backend as Backend;
    backend.begin();
    for (const client of this.#clients.values()) {
      if (client.isOver) {
        this.#drop(client);
        continue;
      }
      const finding = client.observe(backend, elapsedMs, this.#settings);
      if (finding !== null && client.dead === null) this.#found(client, finding, backend);
      else if (finding === null && client.dead !== null) client.dead = null;
    }
    this.#publishWatched();
    const tookMs = nowMs() - startedMs;
    this.#intervalMs = nextInterval(tookMs, this.#settings);
    this.#schedule();
  }

  #found(client: Client, finding: Finding, backend: Backend): void {
    const { action, onDead } = this.#settings;
    // One whose number belongs to another socket by now is not ours to touch.
    if (finding.cause !== 'fd-error' && !client.isSame(backend)) {
      this.#drop(client);
      return;
    }
    const report = reportOf(client, finding, backend, action);
    client.dead = report;
    this.#dead[report.cause]++;
    if (action === 'reset') {
      const error = new DeadClientError(report);
      free(client.socket, client.handle, client.pings, backend, error);
      this.#drop(client);
    }
    reports.publish(report);
    // It may be asynchronous, although nobody waits for it.
    new Promise((resolve) => resolve(onDead?.(report))).catch((error) => {
      process.emitWarning(`an onDead listener threw: ${error}`, 'DeadClientWarning');
    });
  }
}

/** As it was chosen, unless looking takes too long for that. */
function nextInterval(tookMs: number, { intervalMs, graceMs }: Settings): number {
  return Math.max(intervalMs, Math.min(tookMs / MOST_SHARE, graceMs * MOST_STRETCH));
}

/**
 * Starts a watchdog over connections of this thread. Nothing of it keeps the process alive.
 *
 * @throws DeadClientOptionError `LOOPWATCH_E_OPTION` for a bad option
 */
export function createClientWatchdog(options: ClientWatchdogOptions = {}): ClientWatchdog {
  return new ClientWatchdog(options);
}
