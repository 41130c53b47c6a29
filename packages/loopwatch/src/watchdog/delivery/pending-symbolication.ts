/** Reports that the program is to deliver, while the reporter leads them back to their source code. */

import type { Symbolicated } from '../../shared/messages/messages.js';
import type { BlockRecord } from '../../shared/record/record.js';
import { mappedScripts } from '../../shared/sources/mapped-scripts.js';
import type { Code } from '../../shared/sources/source-context.js';

/** How long a report waits, in ms. A map of 20 MB takes one second on a slow machine. */
const WAIT_MS = 3000;

/** Reports that wait; more are passed on as they are. */
const MOST_WAITING = 32;

/** Called once, with the record as it was when there is no better one in time. */
type Use = (record: BlockRecord, code: Readonly<Code>) => void;

interface Waiting {
  readonly record: BlockRecord;
  readonly use: Use;
  readonly sinceMs: number;
}

function keyOf({ id, ended }: BlockRecord): string {
  return `${id} ${ended}`;
}

/** Holds reports until they are symbolicated, or it has taken too long. */
export class PendingSymbolication {
  readonly #ask: (record: BlockRecord) => void;
  readonly #all = new Map<string, Waiting>();

  /** @param ask has {@link take} called later, or never */
  constructor(ask: (record: BlockRecord) => void) {
    this.#ask = ask;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Whether a record is worth waiting for. */
  isFor(record: BlockRecord): boolean {
    return this.#all.size < MOST_WAITING && mappedScripts(record).length > 0;
  }

  wait(record: BlockRecord, nowMs: number, use: Use): void {
    this.#all.set(keyOf(record), { record, use, sinceMs: nowMs });
    this.#ask(record);
  }

  take({ record, code }: Symbolicated): void {
    const waiting = this.#all.get(keyOf(record));
    if (!this.#all.delete(keyOf(record))) return;
    waiting?.use(record, code);
  }

  /** @param over whether the process is exiting */
  tend(nowMs: number, over: boolean): void {
    for (const [key, { record, use, sinceMs }] of [...this.#all]) {
      if (!over && nowMs - sinceMs < WAIT_MS) continue;
      this.#all.delete(key);
      use(record, {});
    }
  }
}
