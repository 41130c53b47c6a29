/** What to do about a block, in one sentence. */

import type { BlockRecord } from '../record/record.js';
import type { ContextOf } from '../sources/source-context.js';
import { adviceOf } from './choose-advice.js';

/** The hint of the advice, which the culprit's line of code may decide; null where there is none. */
export function hintOf(record: BlockRecord, context: ContextOf): string | null {
  const { file = null, line = null } = record.culprit ?? {};
  return adviceOf(record, context(file, line)?.line)?.hint ?? null;
}
