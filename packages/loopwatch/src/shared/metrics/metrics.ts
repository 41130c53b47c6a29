/**
 * The numbers behind every metric, whoever exports them: fed with what the watchdog says, bounded in
 * size, and rendering nothing.
 */
import { causeOf, type DeadClient, type DeadClientCause } from '../record/dead-client.js';
import type { BlockRecord, Cause, Kind, Unconfirmed, UnconfirmedReason } from '../record/record.js';

/** Distinct routes that are counted on their own. A program that makes up routes must not grow us. */
const MOST_ROUTES = 100;

/** Whatever comes after those. */
export const OTHER = 'other';

/** A template is short; one that is not is cut here. */
const LONGEST_ROUTE = 200;

/** Hangs whose end is awaited. There is one per thread; the oldest was then missed. */
const MOST_OPEN_HANGS = 1000;

/**
 * Upper bounds of the durations, in seconds. Below 0.1 for thresholds under the default one; 60 is
 * far beyond where a proxy or a probe gives up. Above there is one without a bound.
 */
export const DURATION_BOUNDS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60] as const;

/** Blocks of one kind. The route is '' where none is known. */
export interface CountedBlocks {
  readonly kind: Kind;
  readonly cause: Cause;
  readonly route: string;
  readonly count: number;
}

/** Requests of one kind, as the HTTP instrumentation counts them. */
export interface CountedRequests {
  readonly method: string;
  readonly route: string;
  readonly count: number;
}

/** How long blocks were: not cumulative, one for each bound and one for what is longer. */
export interface Durations {
  readonly counts: readonly number[];
  readonly sumSeconds: number;
}

/** All numbers at one moment. */
export interface Totals {
  readonly blocks: readonly CountedBlocks[];
  readonly durations: Durations;
  readonly hangs: number;
  readonly unconfirmed: Readonly<Record<UnconfirmedReason, number>>;
  readonly delayedRequests: number;
  /** By cause. */
  readonly deadClients: Readonly<Record<DeadClientCause, number>>;
}

/** Gives the first hundred distinct routes as they are, and `other` for all further ones. */
export class Routes {
  readonly #known = new Set<string>();

  /** The value of the label. */
  label(route: string | null | undefined): string {
    const name = (route ?? '').slice(0, LONGEST_ROUTE);
    if (name === '' || this.#known.has(name)) return name;
    if (this.#known.size >= MOST_ROUTES) return OTHER;
    this.#known.add(name);
    return name;
  }
}

/** Counts what it is told. */
export class Metrics {
  readonly #routes = new Routes();
  readonly #blocks = new Map<string, CountedBlocks>();
  readonly #durations: number[] = new Array(DURATION_BOUNDS.length + 1).fill(0);
  readonly #openHangs = new Set<string>();
  readonly #unconfirmed: Record<UnconfirmedReason, number> = {
    suspended: 0,
    starved: 0,
    debugger: 0,
    paused: 0,
    exiting: 0,
  };
  readonly #deadClients: Record<DeadClientCause, number> = {
    'zero-window': 0,
    unreachable: 0,
    'peer-closed': 0,
    'fd-error': 0,
    other: 0,
  };
  #sumSeconds = 0;
  #hangs = 0;
  #delayedRequests = 0;

  /**
   * Counts a record. A hang comes twice, while it lasts and when it has ended: it is one hang from the
   * first on, and one block once its duration is known.
   */
  addBlock(record: BlockRecord): void {
    if (record.kind === 'hang') this.#addHang(record);
    if (!record.ended) return;
    const { kind, cause, durationMs } = record;
    const route = this.#routes.label(record.request?.route);
    const key = `${kind} ${cause} ${route}`;
    const count = (this.#blocks.get(key)?.count ?? 0) + 1;
    this.#blocks.set(key, { kind, cause, route, count });
    this.#delayedRequests += record.delayed?.requests ?? 0;
    // Many short blocks are no long one: their sum would be a duration that nobody waited for.
    if (kind !== 'cumulative') this.#addDuration(durationMs / 1000);
  }

  addUnconfirmed({ reason }: Unconfirmed): void {
    this.#unconfirmed[reason]++;
  }

  addDeadClient(client: DeadClient): void {
    this.#deadClients[causeOf(client)]++;
  }

  totals(): Totals {
    return {
      blocks: [...this.#blocks.values()],
      durations: { counts: [...this.#durations], sumSeconds: this.#sumSeconds },
      hangs: this.#hangs,
      unconfirmed: { ...this.#unconfirmed },
      delayedRequests: this.#delayedRequests,
      deadClients: { ...this.#deadClients },
    };
  }

  #addHang({ id, ended }: BlockRecord): void {
    const isKnown = this.#openHangs.delete(id);
    if (!isKnown) this.#hangs++;
    if (ended) return;
    this.#openHangs.add(id);
    const oldest = this.#openHangs.values().next();
    if (this.#openHangs.size > MOST_OPEN_HANGS && !oldest.done) {
      this.#openHangs.delete(oldest.value);
    }
  }

  #addDuration(seconds: number): void {
    const bucket = DURATION_BOUNDS.findIndex((bound) => seconds <= bound);
    const index = bucket === -1 ? DURATION_BOUNDS.length : bucket;
    this.#durations[index] = (this.#durations[index] as number) + 1;
    this.#sumSeconds += seconds;
  }
}
