/** The errors of this package, and the codes that they carry. */
import type { DeadClientReport } from '../verdict/report.js';

/**
 * What pending writes of a freed connection fail with, and what its `error` event carries.
 *
 * Match on `code`, which is always `LOOPWATCH_E_DEAD_CLIENT`, and not on the message.
 */
export class DeadClientError extends Error {
  override readonly name = 'DeadClientError';
  readonly code = 'LOOPWATCH_E_DEAD_CLIENT';
  readonly report: DeadClientReport;

  constructor(report: DeadClientReport) {
    super(report.message);
    this.report = report;
  }
}

/** An option or argument that breaks its rule. */
export class DeadClientOptionError extends Error {
  override readonly name = 'DeadClientOptionError';
  readonly code = 'LOOPWATCH_E_OPTION';
}
