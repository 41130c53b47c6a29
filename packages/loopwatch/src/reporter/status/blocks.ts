/** The latest blocks of this process, with how many there were. */
import type { Metrics } from '../../shared/metrics/metrics.js';
import type { BlockRecord } from '../../shared/record/record.js';

/** How many are kept, as `blocks()` of the package does. */
const KEPT = 100;

export class LatestBlocks {
  #records: BlockRecord[] = [];

  /** A hang that has ended takes the place of what was said while it lasted. */
  add(record: BlockRecord): void {
    this.#records = [...this.#records.filter(({ id }) => id !== record.id), record].slice(-KEPT);
  }

  /** Replaces what is known of a block by something better, unless something newer is known. */
  improve(record: BlockRecord): void {
    this.#records = this.#records.map((known) => {
      return known.id === record.id && known.ended === record.ended ? record : known;
    });
  }

  get records(): readonly BlockRecord[] {
    return this.#records;
  }

  /** What `/blocks` says; the newest comes last. */
  page(metrics: Metrics): object {
    const { blocks, hangs, unconfirmed, delayedRequests } = metrics.totals();
    const ended = blocks.reduce((sum, { count }) => sum + count, 0);
    return {
      counts: { blocks: ended, hangs, delayedRequests, unconfirmed },
      blocks: this.#records,
    };
  }
}
