/** Records added up by what they have in common. */
import type { BlockRecord } from '../record/record.js';
import { FlameSum } from './flames.js';
import type { Sum } from './pictures.js';
import { nameOf, routeOf } from './words.js';

/** What several records cost. */
export class Cost {
  count = 0;
  totalMs = 0;
  longestMs = 0;

  add(ms: number): void {
    this.count++;
    this.totalMs += ms;
    this.longestMs = Math.max(this.longestMs, ms);
  }

  get sum(): Sum {
    const { count, totalMs, longestMs } = this;
    return { count, totalMs, longestMs };
  }
}

/** Costs by name. */
export class Costs<Name extends string> {
  readonly #costs = new Map<Name, Cost>();

  add(name: Name, ms: number): void {
    const cost = this.#costs.get(name) ?? new Cost();
    this.#costs.set(name, cost);
    cost.add(ms);
  }

  /** The costliest first. */
  names(most = Number.POSITIVE_INFINITY): Name[] {
    return this.entries()
      .slice(0, most)
      .map(([name]) => name);
  }

  /** The costliest first. */
  entries(): [Name, Cost][] {
    return [...this.#costs].sort(([, a], [, b]) => b.totalMs - a.totalMs);
  }
}

/** The blocks of one culprit. */
export class CulpritSum extends Cost {
  /** The costliest, which the others are like. */
  worst: BlockRecord;
  readonly flame = new FlameSum();
  readonly causes = new Costs<BlockRecord['cause']>();
  readonly routes = new Costs<string>();

  constructor(first: BlockRecord) {
    super();
    this.worst = first;
  }

  take(record: BlockRecord): void {
    if (record.durationMs > this.longestMs) this.worst = record;
    this.add(record.durationMs);
    this.flame.add(record);
    this.causes.add(record.cause, record.durationMs);
    const route = routeOf(record);
    if (route !== null) this.routes.add(route, record.durationMs);
  }
}

/** The blocks of one route. */
export class RouteSum extends Cost {
  delayed = 0;
  readonly culprits = new Costs<string>();

  take(record: BlockRecord): void {
    this.add(record.durationMs);
    this.delayed += record.delayed?.requests ?? 0;
    this.culprits.add(nameOf(record.culprit), record.durationMs);
  }
}

/** By function: its line is another one in each block of a loop. */
function culpritKey({ culprit }: BlockRecord): string {
  return JSON.stringify([culprit?.function, culprit?.file, culprit?.package]);
}

function costliest<S extends Cost>(sums: Map<string, S>): [string, S][] {
  return [...sums].sort(([, a], [, b]) => b.totalMs - a.totalMs);
}

/** The costliest first. */
export function byCulprit(records: readonly BlockRecord[]): CulpritSum[] {
  const sums = new Map<string, CulpritSum>();
  for (const record of records) {
    const key = culpritKey(record);
    const sum = sums.get(key) ?? new CulpritSum(record);
    sums.set(key, sum);
    sum.take(record);
  }
  return costliest(sums).map(([, sum]) => sum);
}

/** The costliest first, without what was blocked outside of requests. */
export function byRoute(records: readonly BlockRecord[]): [route: string, RouteSum][] {
  const sums = new Map<string, RouteSum>();
  for (const record of records) {
    const route = routeOf(record);
    if (route === null) continue;
    const sum = sums.get(route) ?? new RouteSum();
    sums.set(route, sum);
    sum.take(record);
  }
  return costliest(sums);
}
