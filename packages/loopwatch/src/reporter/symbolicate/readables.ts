/** Reports made readable one after the other, in their order and in time. */

import type { Settings } from '../../shared/options/option-schema.js';
import type { BlockRecord } from '../../shared/record/record.js';
import { mappedScripts } from '../../shared/sources/mapped-scripts.js';
import { type Readable, readable, unchanged } from './readable.js';
import { type Sources, Symbolicator } from './symbolicator.js';

/** How much of an exit's patience reading source maps may take; the rest is for delivering. */
const SHARE_OF_EXIT = 0.5;

/** A report comes up to three times: for the status, for the program's own sinks, for ours. */
const KEPT = 8;

/** Passes reports on at once where there is no source map, and otherwise when it was read. */
export class Readables {
  readonly #symbolicator: Symbolicator;
  readonly #failed: Sources['failed'];
  readonly #waiting = new Set<() => void>();
  /** By report. Latest last. */
  readonly #kept = new Map<string, Promise<Readable>>();
  #last: Promise<unknown> = Promise.resolve();
  #settings: Pick<Settings, 'sourceMaps' | 'exitFlushMs'>;
  #isOver = false;

  constructor(settings: Pick<Settings, 'sourceMaps' | 'exitFlushMs'>, sources: Sources) {
    this.#settings = settings;
    this.#failed = sources.failed;
    this.#symbolicator = new Symbolicator(sources);
  }

  configure(settings: Pick<Settings, 'sourceMaps' | 'exitFlushMs'>): void {
    this.#settings = settings;
  }

  /** @param use called once, for one report after the other */
  read(record: BlockRecord, use: (readable: Readable) => void): void {
    const isPlain = !this.#settings.sourceMaps || mappedScripts(record).length === 0;
    if (isPlain && this.#waiting.size === 0) {
      use(unchanged(record));
      return;
    }
    const found = isPlain ? Promise.resolve(unchanged(record)) : this.#once(record);
    this.#last = Promise.all([found, this.#last]).then(([readable]) => use(readable));
  }

  /** The process ends: what can't be read soon is passed on as it is. */
  finish(): void {
    const expire = () => {
      this.#isOver = true;
      for (const release of [...this.#waiting]) release();
    };
    setTimeout(expire, this.#settings.exitFlushMs * SHARE_OF_EXIT).unref();
  }

  /** The same report may have been counted differently. */
  #once(record: BlockRecord): Promise<Readable> {
    const { id, ended, suppressed } = record;
    const key = `${id} ${ended}`;
    let found = this.#kept.get(key);
    if (found === undefined) {
      found = this.#inTime(record);
      this.#kept.set(key, found);
      const [oldest] = this.#kept.keys();
      if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
    }
    return found.then(({ record, code }) => readable({ ...record, suppressed }, code));
  }

  #inTime(record: BlockRecord): Promise<Readable> {
    return new Promise((resolve) => {
      const release = () => {
        if (!this.#waiting.delete(release)) return;
        this.#failed('timeout');
        resolve(unchanged(record));
      };
      this.#waiting.add(release);
      const done = (readable: Readable) => {
        if (this.#waiting.delete(release)) resolve(readable);
      };
      this.#symbolicator.symbolicate(record).then(done, () => {
        // A working directory that is gone, for one.
        this.#failed('failed');
        done(unchanged(record));
      });
      if (this.#isOver) setImmediate(release);
    });
  }
}
