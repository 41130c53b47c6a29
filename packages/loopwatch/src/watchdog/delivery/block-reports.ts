/** Blocks and hangs on their way to sinks: which get them, how often, and what the journal holds. */
import { appendTally, blockLine } from '../../shared/journal/tally.js';
import type { Setup } from '../../shared/messages/messages.js';
import { levelOf } from '../../shared/options/levels.js';
import type { BlockRecord } from '../../shared/record/record.js';
import type { Reported } from '../../shared/record/reported.js';
import type { SentryEvidence } from '../../shared/sentry/sentry.js';
import type { SinkName } from '../../shared/sinks/rules.js';
import { SINKS } from '../../shared/sinks/table.js';
import type { Report } from '../verdict/report.js';
import type { Journal } from './journal.js';
import type { Outbox } from './outbox.js';
import type { Router } from './router.js';
import type { SinkChoice } from './sink-choice.js';

/** What became of the first report of a hang. */
interface Announced {
  /** How many were held back before it; null when it was, too. */
  readonly suppressed: number | null;
  /** Those that are told of its end. */
  readonly wants: readonly SinkName[];
}

/** Those that it works with. */
interface Around {
  readonly journal: Journal;
  readonly outbox: Outbox;
  readonly choice: SinkChoice;
  readonly router: Router;
  /** How many reports of the same culprit were held back; null when this one is, too. */
  admit(record: Reported): number | null;
}

/** Knows which hangs were reported while they last. */
export class BlockReports {
  readonly #around: Around;
  #setup: Setup;
  /** Hangs that were reported while they lasted, or held back, and last. */
  readonly #hangs = new Map<string, Announced>();

  constructor(setup: Setup, around: Around) {
    this.#setup = setup;
    this.#around = around;
  }

  configure(setup: Setup): void {
    this.#setup = setup;
  }

  /** Writes what is known of a turn that goes on. */
  note(record: BlockRecord, evidence: SentryEvidence): void {
    const { journal, outbox, choice } = this.#around;
    // A hang that was reported wants an end, or a word about what became of it.
    const wants = this.#stillWants(record.id, this.#hangs.get(record.id)?.wants ?? []);
    const parcels = choice.parcels(evidence);
    journal.write({ record, parcels }, wants.length === 0 ? 'open' : wants);
    outbox.count({ type: 'turn', record });
  }

  /** These sinks, and those that have not yet taken what they are told of a hang once, while it lasted. */
  #stillWants(id: string, sinks: readonly SinkName[]): readonly SinkName[] {
    const before = this.#around.journal.wants(id) ?? 'open';
    if (before === 'open') return sinks;
    const isLeft = (name: SinkName, hearsEnd: boolean) => !hearsEnd && before.includes(name);
    const wanting = SINKS.filter(({ name, hearsEnd }) => {
      return sinks.includes(name) || isLeft(name, hearsEnd);
    });
    return wanting.map(({ name }) => name);
  }

  /**
   * A block has ended, or a hang is to be told of.
   *
   * @returns its level; null when nobody is told
   */
  report({ record, startup, evidence, beat }: Report): number | null {
    const { journal, outbox, choice, router, admit } = this.#around;
    const { settings, tally } = this.#setup;
    const { id, ended } = record;
    const hang = this.#hangs.get(id);
    if (startup && settings.startup === 'ignore' && hang === undefined) {
      journal.remove(id);
      return null;
    }
    // A start that never ends is not one of those that only take their time.
    const isQuiet = startup && settings.startup === 'log' && record.kind !== 'hang';
    const level = levelOf(record, isQuiet);
    const parcels = choice.parcels(evidence);
    const suppressed = hang === undefined ? admit(record) : hang.suppressed;
    const wanting = suppressed === null ? [] : choice.wanting({ record, level, isQuiet }, parcels);
    const told = hang === undefined ? wanting : wanting.filter(({ hearsEnd }) => hearsEnd);
    const sinks = told.map(({ name }) => name);
    const again = told.filter(({ hearsEnd }) => hearsEnd).map(({ name }) => name);
    if (ended) this.#hangs.delete(id);
    else this.#hangs.set(id, { suppressed, wants: again });
    const wants = this.#stillWants(id, sinks);
    const reported = { ...record, suppressed: hang === undefined ? (suppressed ?? 0) : 0 };
    outbox.count({ type: 'block', record });
    if (!isQuiet) appendTally(tally, blockLine(record));
    let isSafe = true;
    if (sinks.length > 0) isSafe = journal.write({ record: reported, parcels }, wants);
    else if (ended && wants.length === 0) journal.remove(id);
    const delivery = { record: reported, sinks, level, parcels };
    router.block(record, reported.suppressed, delivery, { moment: { beat, evidence }, isSafe });
    return level;
  }
}
