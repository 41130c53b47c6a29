/** Source maps that only the program's own thread has: asked for, and waited for a little. */

/** How long the main thread may take to answer, in ms: it may be blocked again, or hang. */
const ANSWER_MS = 1000;

type Found = Uint8Array | null;

/** Asks for maps by file. */
export class MemoryMaps {
  readonly #ask: (file: string) => void;
  /** Those who wait, by file. */
  readonly #waiting = new Map<string, ((map: Found) => void)[]>();

  /** @param ask has {@link put} called later, or never */
  constructor(ask: (file: string) => void) {
    this.#ask = ask;
  }

  /** The map of a file; null where there is none, and where the thread does not answer. */
  get(file: string): Promise<Found> {
    return new Promise((resolve) => {
      const others = this.#waiting.get(file);
      if (others !== undefined) {
        others.push(resolve);
        return;
      }
      this.#waiting.set(file, [resolve]);
      this.#ask(file);
      setTimeout(() => this.put(file, null), ANSWER_MS).unref();
    });
  }

  /** An answer. */
  put(file: string, map: Found): void {
    const waiting = this.#waiting.get(file) ?? [];
    this.#waiting.delete(file);
    for (const resolve of waiting) resolve(map);
  }
}
