/** What to do about a block, in one sentence. */
import { adviceOf } from './advice.js';
import type { BlockRecord } from './record.js';
import type { ContextOf } from './source-context.js';

/** The hint of the advice, which the culprit's line of code may decide; null where there is none. */
export function hintOf(record: BlockRecord, context: ContextOf): string | null {
  const { file = null, line = null } = record.culprit ?? {};
  return adviceOf(record, context(file, line)?.line)?.hint ?? null;
}
