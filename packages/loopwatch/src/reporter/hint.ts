/** What to do about a block, in one sentence. */
import { adviceOf } from '../shared/advice.js';
import type { BlockRecord } from '../shared/record.js';
import { sourceContext } from '../shared/source-context.js';

/** The hint of the advice, which the culprit's line of code may decide; null where there is none. */
export function hintOf(record: BlockRecord): string | null {
  const { file = null, line = null } = record.culprit ?? {};
  return adviceOf(record, sourceContext(file, line)?.line)?.hint ?? null;
}
