/** What is agreed for tests, suites and the file, in which the innermost has the last word. */

export interface Terms {
  limitMs?: number;
  /** Why it may block. */
  allowed?: string;
}

/** The terms of one file of tests, and of the suites in it. */
export class Agreements {
  readonly #bySuite = new WeakMap<object, Terms>();
  #ofFile: Terms = {};

  get ofFile(): Readonly<Terms> {
    return this.#ofFile;
  }

  /** @param suites outermost first */
  of(suites: readonly object[]): Terms {
    return Object.assign({}, this.#ofFile, ...suites.map((one) => this.#bySuite.get(one)));
  }

  /** @param suite null for the file */
  add(terms: Terms, suite: object | null): void {
    if (suite === null) Object.assign(this.#ofFile, terms);
    else this.#bySuite.set(suite, { ...this.#bySuite.get(suite), ...terms });
  }

  endFile(): void {
    this.#ofFile = {};
  }
}
