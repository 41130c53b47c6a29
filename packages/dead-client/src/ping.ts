/**
 * Whether the client of an HTTP/2 session answers. Its flow control stops us before the kernel's
 * does: to the kernel, a frozen client of HTTP/2 has taken everything.
 */
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';

/** Follows one session. */
export class Pings {
  readonly session: ServerHttp2Session;
  readonly #streams = new Set<ServerHttp2Stream>();
  readonly #onStream = (stream: ServerHttp2Stream) => this.add(stream);
  #isWaiting = false;
  /** For how long data has waited and a ping was not answered, in ms. */
  unansweredMs = 0;

  constructor(session: ServerHttp2Session) {
    this.session = session;
    session.on('stream', this.#onStream);
  }

  /** A stream of this session; one that is known already is no other. */
  add(stream: ServerHttp2Stream): void {
    this.#streams.add(stream);
  }

  /** The open streams. */
  streams(): ServerHttp2Stream[] {
    for (const stream of this.#streams) if (stream.destroyed) this.#streams.delete(stream);
    return [...this.#streams];
  }

  /** Bytes that wait for the client to take them. */
  pendingBytes(): number {
    return this.streams().reduce((sum, { writableLength }) => sum + (writableLength ?? 0), 0);
  }

  /**
   * Asks the client for a sign of life when there is data that it does not take.
   *
   * @param elapsedMs since the last look
   */
  observe(elapsedMs: number): void {
    if (this.pendingBytes() === 0) {
      this.unansweredMs = 0;
    } else if (this.#isWaiting) {
      this.unansweredMs += elapsedMs;
    } else {
      this.#ask();
    }
  }

  stop(): void {
    this.session.off('stream', this.#onStream);
    this.#streams.clear();
  }

  #ask(): void {
    try {
      this.#isWaiting = this.session.ping(() => {
        this.#isWaiting = false;
        this.unansweredMs = 0;
      });
    } catch {
      // It has just been destroyed.
    }
  }
}
