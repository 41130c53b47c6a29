/** How many requests were answered, by method and route. */
import { type CountedRequests, OTHER, Routes } from '../../shared/metrics/metrics.js';

/** Those that programs use; HTTP/2 passes on whatever a client makes up. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Counts in bounded memory. */
export class RequestCounts {
  readonly #routes = new Routes();
  readonly #counts = new Map<string, { method: string; route: string; count: number }>();
  /** How often it was counted. */
  total = 0;

  add(method: string | null, route: string | null): void {
    this.total++;
    const label = this.#routes.label(route);
    const known = method !== null && METHODS.has(method) ? method : OTHER;
    const key = `${known} ${label}`;
    const entry = this.#counts.get(key);
    if (entry !== undefined) entry.count++;
    else this.#counts.set(key, { method: known, route: label, count: 1 });
  }

  all(): CountedRequests[] {
    return [...this.#counts.values()].map((counted) => ({ ...counted }));
  }
}
