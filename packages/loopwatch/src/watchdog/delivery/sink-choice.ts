/** Which sinks a report is for, by their rules and by what the process has. */
import type { Wants } from '../../shared/journal/journal-name.js';
import type { Delivery, Setup } from '../../shared/messages/messages.js';
import type { SentryEvidence } from '../../shared/sentry/sentry.js';
import type {
  Candidate,
  Moment,
  Parcels,
  SinkContext,
  SinkName,
  SinkRules,
} from '../../shared/sinks/rules.js';
import { rulesOf, SINKS } from '../../shared/sinks/table.js';

export class SinkChoice {
  #setup: Setup;
  /** Where the program's own clients send, by the sinks that they are for. */
  readonly #clients = new Map<SinkName, unknown>();

  constructor(setup: Setup) {
    this.#setup = setup;
  }

  configure(setup: Setup): void {
    this.#setup = setup;
  }

  /** The program has a client of its own for a sink; null for one that is disabled. */
  useClient(sink: SinkName, target: unknown): void {
    this.#clients.set(sink, target);
  }

  #context(name: SinkName): SinkContext {
    return { setup: this.#setup, client: this.#clients.get(name) };
  }

  /** What the sinks take besides a record, by what was found on the blocked stack. */
  parcels(evidence: SentryEvidence): Parcels {
    const all = SINKS.map((sink) => {
      return [sink.name, sink.parcelOf(this.#context(sink.name), evidence)] as const;
    });
    return Object.fromEntries(all.filter(([, parcel]) => parcel !== null));
  }

  /** Those that want a report, in the table's order. */
  wanting(report: Omit<Candidate, 'parcel'>, parcels: Parcels): readonly SinkRules[] {
    return SINKS.filter((sink) => {
      const parcel = parcels[sink.name] ?? null;
      return sink.wants({ ...report, parcel }, this.#context(sink.name));
    });
  }

  /** Those of the process that a record is left for by another one. */
  served(wants: Wants): readonly SinkName[] {
    const served = SINKS.filter((sink) => sink.isServed(this.#context(sink.name)));
    const names = served.map(({ name }) => name);
    return wants === 'open' ? names : names.filter((name) => wants.includes(name));
  }

  /** Whether the program itself may have what delivers a report to a sink. */
  isForProgram(sink: SinkName, report: Delivery, moment: Moment): boolean {
    return rulesOf(sink)?.isForProgram(report, moment, this.#context(sink)) === true;
  }
}
