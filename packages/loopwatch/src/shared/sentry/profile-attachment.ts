/** The CPU profile of a block, read back for who gets the report. */
import { textOfOwnFile } from '../own-file.js';
import type { BlockRecord } from '../record/record.js';
import type { Attachment } from './sentry-event.js';

/** A slice is some 50 KB; what is much larger is none. */
const MOST_BYTES = 2 * 1024 * 1024;

/** The profile of a block; none where it has none, or where that is gone. */
export function profileAttachments({ id, profile }: BlockRecord): Attachment[] {
  // The path may have come from a journal: nothing but a profile of this user is to be sent.
  const data =
    profile?.endsWith('.cpuprofile') === true ? textOfOwnFile(profile, MOST_BYTES) : null;
  if (data === null) return [];
  return [{ filename: `${id}.cpuprofile`, contentType: 'application/json', data }];
}
