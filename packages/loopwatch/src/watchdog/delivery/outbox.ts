/** The way from a finished record to the reporter thread, and the acknowledgements back. */
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../shared/errors.js';
import type { JournalEntry } from '../../shared/journal/journal-entry.js';
import type {
  Delivery,
  FileMap,
  Finding,
  ReporterAnswer,
  ReporterData,
  ReporterOrder,
  Setup,
  Symbolicated,
} from '../../shared/messages/messages.js';
import { notice } from '../../shared/notice.js';
import { OFF } from '../../shared/options/serve-address.js';
import type { CaptureNews, CaptureWanted } from '../../shared/record/captures.js';
import type { BlockRecord } from '../../shared/record/record.js';
import { isEnded, type Reported } from '../../shared/record/reported.js';
import type { SinkName } from '../../shared/sinks/rules.js';

/** A reporter that keeps dying (out of memory, a broken install) is not started for ever. */
const STARTS = 4;

const ENTRY = new URL('../reporter/entry.js', import.meta.url);

/**
 * Records held in memory until their sinks have taken them. Beyond that they wait in the journal: a
 * sink that is down for an hour must not cost the program an hour of memory.
 */
const MOST_HELD = 200;

interface Unacknowledged {
  readonly delivery: Delivery;
  readonly sinks: Set<SinkName>;
}

/** A delivery whose record is in the journal; held here only where it could not be written. */
interface Later extends Omit<Delivery, 'record'> {
  readonly id: string;
  readonly ended: boolean;
  readonly record: Reported | null;
}

function keyOf(id: string, ended: boolean): string {
  return `${id} ${ended}`;
}

/** What the outbox needs of those around it. */
export interface Surroundings {
  /** Called when {@link Outbox.size} has changed. */
  changed(): void;
  /** Called when a sink has taken a record. */
  taken(id: string, ended: boolean, sink: SinkName): void;
  /** Called with what the reporter was asked for by {@link Outbox.symbolicate}. */
  symbolicated(answer: Symbolicated): void;
  /** Called when the reporter needs a source map that the main thread may have. */
  mapWanted(file: string): void;
  /** Called when the status server is asked for a capture of the main thread. */
  captureWanted(wanted: CaptureWanted): void;
  /** The sinks that the process has. */
  sinks(): readonly SinkName[];
  /** Reads a record back from the journal. */
  read(id: string): JournalEntry | null;
}

/** Owns the reporter, which it starts with the first delivery. */
export class Outbox {
  readonly #around: Surroundings;
  readonly #memory: SharedArrayBuffer;
  readonly #held = new Map<string, Unacknowledged>();
  #later: Later[] = [];
  #setup: Setup;
  #worker: Worker | undefined;
  #starts = 0;
  #error = '';
  #isFinishing = false;
  /** What is only shown and not out yet. */
  #showing = 0;

  /** @param memory the main thread's */
  constructor(setup: Setup, memory: SharedArrayBuffer, around: Surroundings) {
    this.#setup = setup;
    this.#memory = memory;
    this.#around = around;
  }

  /** Deliveries that some sink has not taken yet, and lines that are not out yet. */
  get size(): number {
    return this.#held.size + this.#later.length + this.#showing;
  }

  configure(setup: Setup): void {
    this.#setup = setup;
    const sinks = this.#around.sinks();
    this.#worker?.postMessage({ type: 'configure', setup, sinks } satisfies ReporterOrder);
    this.serve();
  }

  get #serves(): boolean {
    return this.#setup.settings.serve !== OFF;
  }

  /** Starts the reporter for its status server, if that is on, without waiting for a delivery. */
  serve(): void {
    if (this.#serves && this.#worker === undefined && this.#starts < STARTS) this.#start();
  }

  /** Passes on what was found, for those who ask the status server. */
  count(finding: Finding): void {
    if (this.#serves) this.#worker?.postMessage({ type: 'found', finding } satisfies ReporterOrder);
  }

  /** @param isSafe whether the record is in the journal, and may wait there */
  deliver(delivery: Delivery, isSafe: boolean): void {
    const { record, ...rest } = delivery;
    if (this.#held.size < MOST_HELD) this.#hold(delivery);
    else {
      const { id } = record;
      this.#later.push({ ...rest, id, ended: isEnded(record), record: isSafe ? null : record });
    }
    this.#around.changed();
  }

  #hold(delivery: Delivery): void {
    const key = keyOf(delivery.record.id, isEnded(delivery.record));
    // Its sinks may come one by one, when the program's own do not take it.
    const before = this.#held.get(key)?.sinks ?? [];
    const sinks = new Set([...before, ...delivery.sinks]);
    this.#held.set(key, { delivery, sinks });
    this.#send({ type: 'deliver', delivery });
  }

  /** Has a record led back to its source code. */
  symbolicate(record: BlockRecord): void {
    this.#send({ type: 'symbolicate', record });
  }

  /** Passes on what the main thread has. */
  giveMap(order: FileMap): void {
    this.#worker?.postMessage(order, order.map === null ? [] : [order.map.buffer]);
  }

  /** Passes on what the main thread says of a capture. */
  giveCapture(news: CaptureNews): void {
    this.#worker?.postMessage(news satisfies ReporterOrder);
  }

  /** Passes on what is only shown: it is in no journal, but an exit waits for it. */
  show(order: Extract<ReporterOrder, { type: 'unconfirmed' | 'warn' }>): void {
    this.#send(order);
    if (this.#worker !== undefined) this.#showing++;
    this.#around.changed();
  }

  /** From now on nothing may stay in a buffer: the process ends, or the watch. */
  finish(): void {
    if (!this.#isFinishing) this.#worker?.postMessage({ type: 'finish' } satisfies ReporterOrder);
    this.#isFinishing = true;
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
    const workerData: ReporterData = {
      loopwatch: 'reporter',
      setup: this.#setup,
      sinks: this.#around.sinks(),
      memory: this.#memory,
    };
    const worker = new Worker(ENTRY, {
      name: 'loopwatch reporter',
      workerData,
      execArgv: [],
      env: this.#setup.proxies,
      // Output through main's streams would wait for a blocked main.
      stdout: true,
      stderr: true,
    });
    this.#worker = worker;
    worker.on('message', (answer: ReporterAnswer) => this.#hear(answer));
    worker.on('error', (error) => {
      this.#error = messageOf(error);
    });
    worker.on('exit', () => {
      if (this.#worker === worker) this.#died();
    });
    worker.unref();
    if (this.#isFinishing) worker.postMessage({ type: 'finish' } satisfies ReporterOrder);
  }

  #hear(answer: ReporterAnswer): void {
    if (answer.type === 'shown') {
      this.#showing = Math.max(0, this.#showing - 1);
      this.#around.changed();
      return;
    }
    if (answer.type === 'map-wanted') {
      this.#around.mapWanted(answer.file);
      return;
    }
    if (answer.type === 'capture-wanted') {
      this.#around.captureWanted(answer);
      return;
    }
    if (answer.type === 'symbolicated') {
      this.#around.symbolicated(answer);
      return;
    }
    const { id, ended, sink, taken } = answer;
    const key = keyOf(id, ended);
    const entry = this.#held.get(key);
    if (entry?.sinks.delete(sink) !== true) return;
    if (taken) this.#around.taken(id, ended, sink);
    if (entry.sinks.size > 0) return;
    this.#held.delete(key);
    this.#next();
    this.#around.changed();
  }

  /** Takes the next delivery that had to wait, if there is one. */
  #next(): void {
    for (let next = this.#later.shift(); next !== undefined; next = this.#later.shift()) {
      const { id, ended: _, record, ...rest } = next;
      const found = record ?? this.#around.read(id)?.record ?? null;
      if (found === null) continue;
      this.#hold({ ...rest, record: found });
      return;
    }
  }

  /** What it had not acknowledged goes to its successor, for the sinks that have not taken it. */
  #died(): void {
    this.#worker = undefined;
    this.#showing = 0;
    notice(`the reporter ended (${this.#error || 'no reason given'})`);
    if (this.#starts === STARTS) {
      // The journal keeps the records; an exit must not wait for a thread that is gone.
      this.#held.clear();
      this.#later = [];
      this.#around.changed();
      return;
    }
    for (const { delivery, sinks } of this.#held.values()) {
      this.#send({ type: 'deliver', delivery: { ...delivery, sinks: [...sinks] } });
    }
    this.serve();
  }
}
