/** What ends with a piece of work that is no test: for programs, node:test's context is for tests. */
import type { Scope } from '../harness/folder.js';

export class Ends implements Scope {
  readonly #ends: (() => void | Promise<void>)[] = [];

  after(end: () => void | Promise<void>): void {
    this.#ends.unshift(end);
  }

  async end(): Promise<void> {
    for (const end of this.#ends.splice(0)) await end();
  }
}
