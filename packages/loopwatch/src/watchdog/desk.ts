/** What the watch over a thread needs of the watchdog of the process. */
import type { Settings } from '../shared/options/option-schema.js';
import type { Span } from '../shared/record/profiler.js';
import type { BlockRecord, Unconfirmed } from '../shared/record/record.js';
import type { Schedstat } from '../shared/schedstat.js';
import type { DebugIds, SentryContext } from '../shared/sentry/sentry.js';
import type { PressureGauge } from './evidence/kernel/pressure.js';
import type { DebuggerQuestion } from './evidence/sampling/debugger-question.js';

/** What was found on the blocked stack that belongs on a Sentry event. */
export interface SentryEvidence {
  /** What the program's Sentry SDK said of itself; null without one. */
  readonly sentry: SentryContext | null;
  readonly debugIds: DebugIds | null;
}

/** A record, and what its delivery depends on. */
export interface Report {
  readonly record: BlockRecord;
  /** Whether the main module was loading. */
  readonly startup: boolean;
  readonly evidence: SentryEvidence;
  /** The beat before the turn; null for what is no single turn of the main thread. */
  readonly beat: number | null;
  /** When it was, of which a CPU profile may tell more; null for what is not over, or no single turn. */
  readonly span: Span | null;
}

export interface Desk {
  readonly settings: Settings;
  /** Makes a record that is not finished safe. */
  note(record: BlockRecord, evidence: SentryEvidence): void;
  forget(id: string): void;
  report(report: Report): void;
  tell(event: Unconfirmed): void;
  readonly gauge: PressureGauge;
  /** The watchdog's own. */
  readonly schedstat: Schedstat;
  /** 1 for a few threads, more for many: what is done for each is done that much less often. */
  readonly crowd: number;
  /** Whether a debugger may be asked for; only for the main thread. */
  readonly debuggers: DebuggerQuestion | null;
}
