/** What the copies of loopwatch in a process can do for each other: the API of the first one is everyone's. */
import type { Readings } from '../shared/memory/readings.js';
import type { Scope } from '../shared/messages/messages.js';
import type { CountedRequests } from '../shared/metrics/metrics.js';
import type { Options } from '../shared/options/option-schema.js';
import type { BlockRecord, RequestInfo, UnconfirmedReason } from '../shared/record/record.js';
import { found, registered } from './host/global-registry.js';
import type { SdkClient } from './sentry/sentry-sdk.js';
import type { BlockListener } from './verdicts.js';

/** What `watch` is told. */
export interface WatchOptions {
  /** A turn of the loop in this function longer than this is a block, in ms. At least 2 x beatMs. */
  readonly thresholdMs: number;
  /** What reports call it. Default: the function's name. */
  readonly name?: string | undefined;
}

/** What a copy of loopwatch can do for another one. Extended, never changed, within a protocol. */
export interface Api {
  start(options: Options): void;
  stop(): Promise<void>;
  pause<T>(fn: () => T): T;
  watch<T>(fn: () => T, options: WatchOptions): T;
  /** Names the Sentry client that sends this program's blocks. */
  useSentry(client: SdkClient): void;
  onBlock(listener: BlockListener): () => void;
  blocks(): BlockRecord[];
  unconfirmed(): Partial<Record<UnconfirmedReason, number>>;
  /** Null while nothing is watched; missing in early copies. */
  readings?(): Readings | null;
  /** Says where the route template of a request is found, by its response; missing in early copies. */
  findRoute?(response: object, find: () => unknown): void;
  /** Requests that were answered; null while none are followed; missing in early copies. */
  requests?(): CountedRequests[] | null;
  /**
   * What the test gate needs; null while this thread is not watched; missing in early copies. The name
   * is part of the protocol.
   */
  gateway?(): GatePort | null;
  /** Whose request runs at this moment, for observers from outside; missing in early copies. */
  requestNow?(): { request: RequestInfo | null; inFlight: number | null } | null;
}

/** The watch of this thread as the test gate uses it. */
export interface GatePort {
  /**
   * Runs a function whose blocks carry its name, also those of what it leaves behind. The threshold of
   * the scope may change meanwhile, which `changed` then has to say.
   */
  follow<T>(fn: () => T, scope: Scope): T;
  changed(): void;
  /** Ends the turn that lasts, so that what comes is judged by itself; returns the beat's number. */
  edge(): number;
  /** Whether the program has been told, or is about to be, of all turns before a beat. */
  isSettled(beat: number): boolean;
  /** Counts while the watchdog lives. */
  tick(): number;
  /** How many times the watchdog has died. */
  deaths(): number;
}

/**
 * The API of the first copy that got here, which may be this one.
 *
 * @throws LoopwatchError `LOOPWATCH_E_VERSION` when that copy speaks another protocol
 */
export function sharedApi(create: () => Api): Api {
  return registered(create);
}

/** What can be read of this thread's loop by now; null while nothing watches it. */
export function readings(): Readings | null {
  return found<Api>()?.readings?.() ?? null;
}

/** Says where the route template of a request is found, by its response. */
export function findRoute(response: object, find: () => unknown): void {
  found<Api>()?.findRoute?.(response, find);
}

/** Requests that were answered so far; null while nobody counts them. */
export function countedRequests(): CountedRequests[] | null {
  return found<Api>()?.requests?.() ?? null;
}

/** What the test gate needs of this thread's watch; null while there is none. */
export function gatePort(): GatePort | null {
  return found<Api>()?.gateway?.() ?? null;
}
