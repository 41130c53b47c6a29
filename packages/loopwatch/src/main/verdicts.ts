/** What the watchdog decided, handed to the program: listeners, channels, the last blocks. */
import { channel } from 'node:diagnostics_channel';
import { messageOf } from '../shared/errors.js';
import type { Verdict } from '../shared/messages/messages.js';
import type { BlockRecord, UnconfirmedReason } from '../shared/record/record.js';
import { thenOf } from './host/settled.js';

/** Called with each finished block, and with each hang: once while it lasts, once when it ended. */
export type BlockListener = (record: BlockRecord) => void;

/** How many of the latest records are kept for `blocks()`. */
const KEPT = 100;

const channels = {
  block: channel('loopwatch:block'),
  hang: channel('loopwatch:hang'),
  unconfirmed: channel('loopwatch:unconfirmed'),
};

/** Keeps the latest records and tells everyone who asked. */
export class Verdicts {
  readonly #complain: (text: string) => void;
  readonly #listeners = new Set<BlockListener>();
  #records: BlockRecord[] = [];
  readonly #unconfirmed = new Map<UnconfirmedReason, number>();

  /** @param complain says something to the person who runs the program */
  constructor(complain: (text: string) => void) {
    this.#complain = complain;
  }

  /** Adds a listener; returns the function that removes it. */
  onBlock(listener: BlockListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The latest records, oldest first. */
  blocks(): BlockRecord[] {
    return [...this.#records];
  }

  /** How many late beats were no blocks, by reason. */
  unconfirmed(): Partial<Record<UnconfirmedReason, number>> {
    return Object.fromEntries(this.#unconfirmed);
  }

  take(verdict: Extract<Verdict, { type: 'block' | 'unconfirmed' }>): void {
    if (verdict.type === 'unconfirmed') {
      const { reason } = verdict.event;
      this.#unconfirmed.set(reason, (this.#unconfirmed.get(reason) ?? 0) + 1);
      channels.unconfirmed.publish(verdict.event);
      return;
    }
    const { record } = verdict;
    this.#records = [...this.#records.filter(({ id }) => id !== record.id), record].slice(-KEPT);
    channels[record.kind === 'hang' ? 'hang' : 'block'].publish(record);
    // A watched program must not die of what it does with a report.
    const failed = (error: unknown) => {
      this.#complain(`an onBlock listener threw: ${messageOf(error)}`);
    };
    for (const listener of this.#listeners) {
      try {
        const result: unknown = listener(record);
        thenOf(result)?.call(result as PromiseLike<unknown>, undefined, failed);
      } catch (error) {
        failed(error);
      }
    }
  }
}
