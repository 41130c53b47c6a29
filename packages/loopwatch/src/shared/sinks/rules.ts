/**
 * What the threads must know of a sink before any of its code runs: pure rules. The table of them is in
 * table.ts; the code that brings reports there is the reporter's, in the folder of the sink's name.
 */
import type { LogSetup } from '../options/levels.js';
import type { Settings } from '../options/option-schema.js';
import type { Reported } from '../record/reported.js';
import type { SentryEvidence } from '../sentry/sentry.js';

/**
 * The word for a sink in messages and in the names of journal files, and its folder in the reporter. A
 * file that another release has left may hold one that the table has not.
 */
export type SinkName = string;

/**
 * What sinks take besides the record (where it goes, what belongs with it), by their names. It is posted
 * between threads and kept in the journal, as JSON.
 */
export type Parcels = Readonly<Record<SinkName, unknown>>;

/** What the process has for its sinks. */
export interface SinkSetup extends LogSetup {
  /** Where sinks send by options and environment, by their names; see {@link SinkRules.target}. */
  readonly targets: Readonly<Record<SinkName, unknown>>;
}

/** What a sink is decided by. */
export interface SinkContext {
  readonly setup: SinkSetup;
  /** Where the program's own client for it sends: null for a disabled one, undefined without one. */
  readonly client: unknown;
}

/** A report that a sink may want. */
export interface Candidate {
  readonly record: Reported;
  /** pino's number. */
  readonly level: number;
  /** A block of the start, which is only to be logged. */
  readonly isQuiet: boolean;
  readonly parcel: unknown;
}

/** What the program's own client can know the moment of a report by. */
export interface Moment {
  /** The beat before the turn; 0 for a dead client, which has none; null when it can't be asked. */
  readonly beat: number | null;
  readonly evidence: SentryEvidence;
}

/** An entry of the table. */
export interface SinkRules {
  readonly name: SinkName;
  /** Whether it is told twice of a hang, also of its end; false where nothing can be added to a report. */
  readonly hearsEnd: boolean;
  /** Whether dead clients of one cause are capped as blocks of one culprit are. */
  readonly capsDeadClients: boolean;
  /** Where it sends by options and environment, read on the main thread; null for nowhere. */
  target(settings: Settings, environment: NodeJS.ProcessEnv): unknown;
  /** Whether the process has such a sink. It is then also given what other processes have left for it. */
  isServed(context: SinkContext): boolean;
  /** What it takes besides the record, by what was found on the blocked stack; null for nothing. */
  parcelOf(context: SinkContext, evidence: SentryEvidence): unknown;
  /** Whether what a journal holds is such a parcel: it may be damaged, or another release's. */
  isParcel(value: unknown): boolean;
  wants(candidate: Candidate, context: SinkContext): boolean;
  /** Whether the program itself may deliver the report, by its own client or logger. */
  isForProgram(
    report: Pick<Candidate, 'record' | 'level'>,
    moment: Moment,
    context: SinkContext,
  ): boolean;
}

/** A sink of the reporter alone, that takes nothing but the record; entries change what they need. */
export const PLAIN_SINK = {
  hearsEnd: false,
  capsDeadClients: true,
  target: () => null,
  parcelOf: () => null,
  isParcel: () => false,
  isForProgram: () => false,
} as const satisfies Partial<SinkRules>;
