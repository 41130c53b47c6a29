/** Whether it is time to warn about a culprit again. */

/** How often the same culprit is warned about, in ms. */
const EVERY_MS = 60_000;

/** Culprits remembered; with more of them the oldest warning is forgotten, and may come again. */
const MOST_KEYS = 1000;

/** Decides whether to warn: about each culprit once a minute. */
export class WarnLimiter {
  readonly #warnedMs = new Map<string, number>();

  /** @param nowMs of a clock that never goes back */
  shouldWarn(key: string, nowMs: number): boolean {
    const lastMs = this.#warnedMs.get(key);
    if (lastMs !== undefined && nowMs - lastMs < EVERY_MS) return false;
    // Set anew, it is the last of the map; its first is then the oldest.
    this.#warnedMs.delete(key);
    this.#warnedMs.set(key, nowMs);
    const [oldest] = this.#warnedMs.keys();
    if (this.#warnedMs.size > MOST_KEYS && oldest !== undefined) this.#warnedMs.delete(oldest);
    return true;
  }
}
