/** What processes that are gone have left in the journal: taken over, and delivered. */
import { nowMs } from '../../shared/clock.js';
import { levelOf } from '../../shared/options/levels.js';
import type { SentryEvidence } from '../../shared/sentry/sentry.js';
import type { Journal } from './journal.js';
import type { Router } from './router.js';
import type { SinkChoice } from './sink-choice.js';

/** How often the journal is searched, in ms. */
const SEARCH_EVERY_MS = 5000;

/** The stack is gone with its process. */
const NOTHING_FOUND: SentryEvidence = { sentry: null, debugIds: null };

/** Those that it works with. */
interface Around {
  readonly journal: Journal;
  readonly choice: SinkChoice;
  readonly router: Router;
}

/** Takes records over, one at a time. */
export class Pickup {
  readonly #around: Around;
  /** Those under way: nothing more will come of them. */
  readonly #ids = new Set<string>();
  #searchMs = nowMs();

  constructor(around: Around) {
    this.#around = around;
  }

  /** Whether a record is one of a process that is gone. */
  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Forgets a record that is delivered. */
  forget(id: string): void {
    this.#ids.delete(id);
  }

  /** There are sinks that were not there before. */
  soon(): void {
    this.#searchMs = nowMs();
  }

  tend(now: number): void {
    if (now < this.#searchMs) return;
    const { journal, choice, router } = this.#around;
    const found = journal.takeOver(Date.now(), (wants) => choice.served(wants).length > 0);
    this.#searchMs = found === null ? now + SEARCH_EVERY_MS : now;
    if (found === null) return;
    const record = { ...found.record, previousProcess: found.previousProcess };
    const sinks = choice.served(found.wants);
    // Its own project, release and proxy: another program may be the one that finds it.
    const parcels = { ...choice.parcels(NOTHING_FOUND), ...found.parcels };
    // Those who are not served here keep it in the journal, for the next process.
    const wants = found.wants === 'open' ? sinks : found.wants;
    const isSafe = journal.write({ record, parcels }, wants);
    this.#ids.add(record.id);
    const delivery = { record, sinks, level: levelOf(record, false), parcels };
    router.other(delivery, { moment: { beat: null, evidence: NOTHING_FOUND }, isSafe });
  }
}
