/** The hidden command that waits, for as long as is sensible, to close an inspector. */

import { inspectorToCome } from '../target/inspector.js';
import { Unreachable, withTarget } from '../target/with-target.js';
import { Exit } from '../terminal/outcome.js';

/** A native call that lasts longer will not return. */
const LONGEST_MS = 10 * 60_000;

export async function closeInspectorOf(pid: number): Promise<number> {
  try {
    await withTarget(pid, LONGEST_MS, async () => {}, inspectorToCome);
    return Exit.fine;
  } catch (error) {
    if (error instanceof Unreachable) return Exit.found;
    throw error;
  }
}
