/** What to do about a block, in one sentence. */
import { adviceOf } from '../shared/advice.js';
import type { BlockRecord } from '../shared/record.js';
import type { ContextOf } from '../shared/source-context.js';

/** The hint of the advice, which the culprit's line of code may decide; null where there is none. */
export function hintOf(record: BlockRecord, context: ContextOf): string | null {
  const { file = null, line = null } = record.culprit ?? {};
  return adviceOf(record, context(file, line)?.line)?.hint ?? null;
}
