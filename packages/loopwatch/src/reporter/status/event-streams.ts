/** Those who read `/events`: few, told each second, and dropped when they don't keep up. */
import type { ServerResponse } from 'node:http';
import type { Sources, Version } from './answers.js';

/** Each is a page that somebody looks at; each is sent what there is each second. */
const MOST_STREAMS = 8;

const EVERY_MS = 1000;

/** Nothing was sent yet. */
const NOTHING: Version = -1;

export class EventStreams {
  readonly #sources: Sources;
  readonly #sent = new Map<ServerResponse, Version>();
  #timer: NodeJS.Timeout | undefined;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  get isFull(): boolean {
    return this.#sent.size >= MOST_STREAMS;
  }

  /** @param response its head is written already */
  add(response: ServerResponse): void {
    this.#sent.set(response, NOTHING);
    response.on('close', () => this.#remove(response));
    this.#timer ??= setInterval(() => this.#sendToAll(), EVERY_MS);
    this.#sendTo(response, NOTHING);
  }

  close(): void {
    for (const response of this.#sent.keys()) response.destroy();
  }

  #remove(response: ServerResponse): void {
    this.#sent.delete(response);
    if (this.#sent.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #sendToAll(): void {
    for (const [response, version] of this.#sent) this.#sendTo(response, version);
  }

  #sendTo(response: ServerResponse, since: Version): void {
    // What is not read is not added to; the server's time-out ends a connection on which nothing goes.
    if (response.writableNeedDrain) return;
    try {
      const { text, version } = this.#sources.events(since);
      this.#sent.set(response, version);
      response.write(text);
    } catch {
      response.destroy();
    }
  }
}
