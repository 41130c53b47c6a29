/** What a sink is to the reporter. Each has a folder here, whose `sink.ts` exports a {@link MakeSink}. */
import type { Setup } from '../../shared/messages/messages.js';
import type { BlockRecord, Unconfirmed } from '../../shared/record/record.js';
import type { Reported } from '../../shared/record/reported.js';
import type { ContextOf } from '../../shared/sources/source-context.js';

/** A report as sinks get it. */
export interface SinkReport {
  /** A block's frames are in the source code, where maps lead there. */
  readonly record: Reported;
  /** pino's number. */
  readonly level: number;
  /** The lines of code around a frame. */
  readonly context: ContextOf;
}

/** What came of a report. */
export type Outcome =
  /** The sink has it, or it was given up for good: either way the journal forgets it. */
  | { readonly kind: 'taken' }
  /** The journal keeps it for another process. */
  | { readonly kind: 'failed' }
  /** To be tried again after that time, or after the next step of {@link RetryRules}. */
  | { readonly kind: 'retry'; readonly waitMs: number | null };

/** How a sink that may fail is treated. */
export interface RetryRules<Parcel = unknown> {
  /** The first wait after a failure, in ms; it doubles with each. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** Reports of one lane go one after the other: what waits holds back no other server's. */
  laneOf(parcel: Parcel): string;
}

/** Brings reports to one kind of place. What it takes besides the record is its rules' parcel. */
export interface Sink<Parcel = unknown> {
  /** Null where each report is handed over at once, and once only. */
  readonly retry: RetryRules<Parcel> | null;
  /** Whether a report is brought there at all; what is not counts as taken. */
  accepts(report: SinkReport, parcel: Parcel | null): boolean;
  /** Called without a wait, since the process may be on its way out. */
  deliver(report: SinkReport, parcel: Parcel): Promise<Outcome>;
  /** The process ends, or the watch: brings out what is in a buffer, and leaves nothing there any more. */
  flush?(): void;
  /** Passes on a late beat that was no block, which is no report. */
  unconfirmed?(event: Unconfirmed): void;
  /** Passes on what loopwatch has to say of itself. */
  note?(level: number, text: string): void;
}

/** What a sink is made with. */
export interface SinkAround {
  readonly setup: Setup;
  /** Says one line to the person who runs the program. */
  complain(text: string): void;
  /** The box that warn mode shows of a block; null when it was shown already. */
  box(report: { readonly record: BlockRecord; readonly context: ContextOf }): string | null;
}

export type MakeSink = (around: SinkAround) => Sink;
