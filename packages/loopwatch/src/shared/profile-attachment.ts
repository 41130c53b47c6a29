/** The CPU profile of a block, read back for who gets the report. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import type { BlockRecord } from './record.js';
import type { Attachment } from './sentry-event.js';

/** A slice is some 50 KB; what is much larger is none. */
const MOST_BYTES = 2 * 1024 * 1024;

function textOf(path: string): string | null {
  let descriptor: number | undefined;
  try {
    // The path may have come from a journal: nothing but a profile of this user is to be sent.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    descriptor = openSync(path, flags);
    const found = fstatSync(descriptor);
    const mine = process.getuid === undefined || found.uid === process.getuid();
    if (!found.isFile() || !mine || found.size > MOST_BYTES) return null;
    return readFileSync(descriptor, 'utf8');
  } catch {
    return null;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** The profile of a block; none where it has none, or where that is gone. */
export function profileAttachments({ id, profile }: BlockRecord): Attachment[] {
  const data = profile?.endsWith('.cpuprofile') === true ? textOf(profile) : null;
  if (data === null) return [];
  return [{ filename: `${id}.cpuprofile`, contentType: 'application/json', data }];
}
