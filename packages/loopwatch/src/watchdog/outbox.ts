/** The way from a finished record to the reporter thread, and the acknowledgements back. */
import { Worker } from 'node:worker_threads';
import { messageOf } from '../shared/errors.js';
import type {
  Acknowledgement,
  Delivery,
  ReporterData,
  ReporterOrder,
  Setup,
  SinkName,
} from '../shared/messages.js';
import { notice } from '../shared/notice.js';

/** A reporter that keeps dying (out of memory, a broken install) is not started for ever. */
const STARTS = 4;

const ENTRY = new URL('../reporter/entry.js', import.meta.url);

interface Unacknowledged {
  readonly delivery: Delivery;
  readonly sinks: Set<SinkName>;
  readonly done: () => void;
}

function keyOf(id: string, ended: boolean): string {
  return `${id} ${ended}`;
}

/** Owns the reporter, which it starts with the first delivery. */
export class Outbox {
  #setup: Setup;
  #worker: Worker | undefined;
  #starts = 0;
  #error = '';
  readonly #waiting = new Map<string, Unacknowledged>();
  readonly #changed: () => void;

  /** @param changed called when {@link size} has changed */
  constructor(setup: Setup, changed: () => void) {
    this.#setup = setup;
    this.#changed = changed;
  }

  /** Deliveries that some sink has not taken yet. */
  get size(): number {
    return this.#waiting.size;
  }

  configure(setup: Setup): void {
    this.#setup = setup;
    this.#worker?.postMessage({ type: 'configure', setup } satisfies ReporterOrder);
  }

  /** @param done called when every sink has acknowledged */
  deliver(delivery: Delivery, done: () => void): void {
    const { id, ended } = delivery.record;
    this.#waiting.set(keyOf(id, ended), { delivery, sinks: new Set(delivery.sinks), done });
    this.#changed();
    this.#send({ type: 'deliver', delivery });
  }

  /** Passes on what needs no acknowledgement. */
  tell(order: Extract<ReporterOrder, { type: 'unconfirmed' }>): void {
    this.#send(order);
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #send(order: ReporterOrder): void {
    if (this.#worker === undefined && this.#starts < STARTS) this.#start();
    this.#worker?.postMessage(order);
  }

  #start(): void {
    this.#starts++;
    const workerData: ReporterData = { loopwatch: 'reporter', setup: this.#setup };
    const worker = new Worker(ENTRY, {
      name: 'loopwatch reporter',
      workerData,
      execArgv: [],
      env: {},
      // Output through main's streams would wait for a blocked main.
      stdout: true,
      stderr: true,
    });
    this.#worker = worker;
    worker.on('message', (message: Acknowledgement) => this.#acknowledge(message));
    worker.on('error', (error) => {
      this.#error = messageOf(error);
    });
    worker.on('exit', () => {
      if (this.#worker === worker) this.#died();
    });
    worker.unref();
  }

  #acknowledge({ id, ended, sink }: Acknowledgement): void {
    const key = keyOf(id, ended);
    const entry = this.#waiting.get(key);
    if (entry === undefined) return;
    entry.sinks.delete(sink);
    if (entry.sinks.size > 0) return;
    this.#waiting.delete(key);
    entry.done();
    this.#changed();
  }

  /** What it had not acknowledged goes to its successor, for the sinks that have not taken it. */
  #died(): void {
    this.#worker = undefined;
    notice(`the reporter ended (${this.#error || 'no reason given'})`);
    if (this.#starts === STARTS) {
      // The journal keeps the records; an exit must not wait for a thread that is gone.
      this.#waiting.clear();
      this.#changed();
      return;
    }
    for (const { delivery, sinks } of this.#waiting.values()) {
      this.#send({ type: 'deliver', delivery: { ...delivery, sinks: [...sinks] } });
    }
  }
}
