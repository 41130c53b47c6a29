/** A record on its way out of the watchdog, and what its delivery depends on. */
import type { Span } from '../../shared/record/profiler.js';
import type { BlockRecord } from '../../shared/record/record.js';
import type { SentryEvidence } from '../../shared/sentry/sentry.js';

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
