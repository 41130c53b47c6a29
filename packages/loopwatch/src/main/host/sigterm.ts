/** SIGTERM with time to deliver, for those who want that: `handleSigterm`. */

/**
 * While it is on, a SIGTERM that nobody else handles waits for what is on its way, and then ends the
 * process as it would have been ended. A program with a handler of its own ends when it wants to.
 */
export class Sigterm {
  readonly #flush: () => void;
  #on = false;

  /** @param flush waits until reports are delivered, for a bounded time */
  constructor(flush: () => void) {
    this.#flush = flush;
  }

  configure(on: boolean): void {
    if (on === this.#on) return;
    this.#on = on;
    if (on) process.on('SIGTERM', this.#handle);
    else process.removeListener('SIGTERM', this.#handle);
  }

  readonly #handle = (): void => {
    if (process.listenerCount('SIGTERM') > 1) return;
    this.#flush();
    this.configure(false);
    process.kill(process.pid, 'SIGTERM');
  };
}
