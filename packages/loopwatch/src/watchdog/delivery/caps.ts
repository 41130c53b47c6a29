/**
 * How often a culprit is reported: one that blocks a hundred times a minute is one problem, and the
 * hundredth line about it hides the others. What is held back is counted, and summed into the next
 * report.
 */
import type { Reported } from '../../shared/record/reported.js';

const HOUR_MS = 3_600_000;

/** Culprits remembered; more than these no program has, and memory is bounded. */
const MOST_CULPRITS = 500;

interface Count {
  readonly sinceMs: number;
  readonly reported: number;
  readonly suppressed: number;
}

/**
 * What makes two reports the same problem: what caused them, and for blocks where, but never the line.
 */
export function problemOf(record: Reported): string {
  if (record.kind === 'dead-client') return JSON.stringify([record.kind, record.cause]);
  const { kind, cause, thread, culprit } = record;
  const where = culprit === null ? [] : [culprit.function, culprit.file];
  return JSON.stringify([kind, cause, thread.id === 0, ...where]);
}

/** Counts reports by culprit. */
export class Caps {
  readonly #counts = new Map<string, Count>();

  /**
   * Asks for one more report.
   *
   * @param most how many there may be an hour
   * @returns how many were held back since the last one, or null when this one is to be held back
   */
  admit(record: Reported, most: number, nowMs: number): number | null {
    const problem = problemOf(record);
    const known = this.#counts.get(problem);
    const current =
      known !== undefined && nowMs - known.sinceMs < HOUR_MS
        ? known
        : { sinceMs: nowMs, reported: 0, suppressed: known?.suppressed ?? 0 };
    // Last in, so that the first is the one that was quiet for longest.
    this.#counts.delete(problem);
    if (current.reported >= most) {
      this.#counts.set(problem, { ...current, suppressed: current.suppressed + 1 });
      return null;
    }
    this.#counts.set(problem, { ...current, reported: current.reported + 1, suppressed: 0 });
    if (this.#counts.size > MOST_CULPRITS) {
      const [oldest] = this.#counts.keys();
      if (oldest !== undefined) this.#counts.delete(oldest);
    }
    return current.suppressed;
  }
}
